using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>The way from signing up to a first event, in a real browser.</summary>
[Collection(PagesCollection.Name)]
public sealed class FirstEventTests(DashboardFixture fixture)
{
    [Fact]
    public async Task SignUpAnswer_WhenTheEventComes_TurnsGreenAndKeepsTheKey()
    {
        await using var window = await fixture.OpenAsync();
        var email = fixture.NewEmail();
        var key = await window.SignUpAsync(email);
        using var program = await fixture.ClientAsync(email, Window.Password, key);
        await window.Page.GetByText("Waiting for your first event…").WaitForAsync();
        await window.Page.Locator("[data-live-state='on']").WaitForAsync();
        await window.Page.EvaluateAsync("window.sameDocument = true");

        (await program.PostEventsAsync([Harness.Events.Call("first")])).Expect(HttpStatusCode.Created);

        await window.Page.Locator("#first-event.good data").WaitForAsync();
        Assert.True(await window.Page.EvaluateAsync<bool>("window.sameDocument === true"));
        Assert.Contains(key, await window.Page.ContentAsync(), StringComparison.Ordinal);
        window.AssertNoComplaints();
    }

    [Fact]
    public async Task Snippets_PickedByKeyboard_ShowOneAndCopyIt()
    {
        var (client, window) = await fixture.ArriveAsync();
        using var program = client;
        await using var browser = window;
        await window.Page.GotoAsync("/onboarding");
        await window.Page.GetByRole(AriaRole.Radio, new() { Name = "Python" }).FocusAsync();

        await window.Page.Keyboard.PressAsync("ArrowRight");

        await window.Page.Locator(".snippet[data-of='node']").WaitForAsync();
        Assert.False(await window.Page.Locator(".snippet[data-of='python']").IsVisibleAsync());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the program in Node" }).ClickAsync();
        Assert.Contains("from 'llmobserve'", await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
        window.AssertNoComplaints();
    }
}
