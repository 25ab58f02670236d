using LlmObserve.Api.Callers;
using LlmObserve.Api.Live;
using LlmObserve.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Api.Tests.Live;

/// <summary>The API with a clock of the test's own for heartbeats, and so for looks at credentials; all else goes by the real one.</summary>
public sealed class LiveApp : AppFixture
{
    public FakeClock Heart { get; } = new();

    protected override void Replace(IServiceCollection services) =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LiveEndpoint>(provider, Heart));

    /// <summary>Opens a stream.</summary>
    internal static async Task<ServerSentEvents> OpenAsync(HttpClient client)
    {
        var response = await client.GetAsync("/live", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((200, ServerSentEvents.ContentType), ((int)response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        return new ServerSentEvents(await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Opens a stream and reads its first event.</summary>
    internal static async Task<ServerSentEvents> OpenedAsync(HttpClient client)
    {
        var stream = await OpenAsync(client);
        Assert.Equal("hello", (await stream.NextAsync())!.Name);
        return stream;
    }

    /// <summary>Lets the time between two looks at a credential pass.</summary>
    internal void PassACheck() => Heart.Advance(2 * LiveLimits.HeartbeatEvery);
}
