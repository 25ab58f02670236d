using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>A page whose server goes away and comes back.</summary>
public sealed class ReconnectTests : IAsyncLifetime
{
    private readonly Chromium _chromium = new();
    private readonly ServerFolder _folder = ServerFolder.Create();

    public Task InitializeAsync() => _chromium.InitializeAsync();

    public async Task DisposeAsync()
    {
        await _chromium.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Server_KilledAndStartedAgain_ThePageSaysSoAndGoesOnByItself()
    {
        await using var first = await ServerProcess.StartAsync(_folder);
        using var client = await ApiClient.SignUpAsync(first);
        (await client.PostEventsAsync([Harness.Events.Call("before")])).Expect(HttpStatusCode.Created);
        await using var window = await _chromium.OpenAsync(first.Dashboard);
        await window.SignInAsync(client.Account.Email, client.Account.Password);
        await window.Page.GotoAsync("/");
        await LiveTests.LiveAsync(window.Page);
        await window.Page.EvaluateAsync("window.sameDocument = true");

        await first.KillAsync();
        await window.Page.GetByText("Reconnecting…").WaitForAsync();
        await using var second = await ServerProcess.StartAsync(
            _folder, new ServerSettings { Urls = first.Api.AbsoluteUri, WebUrls = first.Dashboard.AbsoluteUri });
        (await client.On(second).PostEventsAsync([Harness.Events.Call("after")])).Expect(HttpStatusCode.Created);

        await LiveTests.LiveAsync(window.Page);
        await window.Page.Locator("#figures .figure data[value='2']").First.WaitForAsync();
        Assert.True(await window.Page.EvaluateAsync<bool>("window.sameDocument === true"));
    }
}
