using System.Net.Http.Headers;
using System.Reflection;
using LlmObserve.Api.Callers;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Mail;
using LlmObserve.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans;

namespace LlmObserve.Api.Tests;

/// <summary>The API's pipeline on a real server with a free port, without grains or a database, and with routes of the test's own.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private static readonly byte[] s_secret = [.. Enumerable.Range(0, SessionTokens.MinSecretBytes).Select(i => (byte)i)];

    private readonly WebApplication _app;

    private ApiHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public SessionTokens Sessions => _app.Services.GetRequiredService<SessionTokens>();

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts one.</summary>
    /// <param name="map">Adds routes.</param>
    /// <param name="edge">How it meets the network.</param>
    /// <param name="services">Takes the place of services.</param>
    public static async Task<ApiHost> StartAsync(
        Action<WebApplication>? map = null, EdgeOptions? edge = null, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(DispatchProxy.Create<IGrainFactory, NoGrains>());
        builder.Services.AddSingleton(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1"));
        builder.Services.AddStorage();
        builder.Services.AddMail(new MailOptions(null, Path.GetTempPath(), null), new PublicAddress(null, new Uri("http://127.0.0.1")));
        builder.Services.AddApi(new ApiOptions(s_secret) { Edge = edge ?? EdgeOptions.Default });
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapApi();
        map?.Invoke(app);
        await app.StartAsync();
        return new ApiHost(app);
    }

    public void SignIn()
    {
        var token = Sessions.Create(new SessionClaims(UserId.New(), AccountId.New(), Guid.NewGuid()));
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
