using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>What a person changes of themselves, without scripts.</summary>
public sealed class ProfilePageTests(RunningServer running) : IClassFixture<RunningServer>
{
    private const string Another = "another sentence of mine";

    private readonly ServerProcess _server = running.Server;

    [Fact]
    public async Task Name_Changed_IsShownFromThenOn()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var browser = await SignInAsync(person);

        await browser.SubmitAsync("name", ("Naming.Name", "Grace <Hopper>"));

        Assert.Equal("/settings?done=name", browser.Path);
        Assert.True(browser.Says("Your name is changed."), browser.Page);
        Assert.Equal("Grace <Hopper>", (await person.GetAsync("auth/me")).GetProperty("user").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Name_TooLong_SaysSoAndKeepsWhatWasTyped()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var browser = await SignInAsync(person);
        var name = new string('n', 201);

        await browser.SubmitAsync("name", ("Naming.Name", name));

        Assert.Equal("/settings", browser.Path);
        Assert.True(browser.Says("role=\"alert\""), browser.Page);
        Assert.True(browser.Says($"value=\"{name}\""), browser.Page);
    }

    [Fact]
    public async Task Password_Changed_SignsOutTheOthersAndOpensTheNextSession()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var laptop = await SignInAsync(person);
        using var phone = await SignInAsync(person);

        await laptop.SubmitAsync("password", ("Passwords.Current", "not this one"), ("Passwords.Next", Another));
        Assert.True(laptop.Says("The password is wrong."), laptop.Page);
        await laptop.SubmitAsync("password", ("Passwords.Current", person.Account.Password), ("Passwords.Next", Another));

        Assert.Equal("/settings?done=password", laptop.Path);
        await phone.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", phone.Path, StringComparison.Ordinal);
        await phone.SubmitAsync("sign-in", ("Form.Email", person.Account.Email), ("Form.Password", Another));
        Assert.Equal("/settings", phone.Path);
    }

    [Fact]
    public async Task Session_Ended_IsSignedOutAndThisOneGoesOn()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var laptop = await SignInAsync(person);
        using var phone = await SignInAsync(person);
        var sessions = await person.GetAsync("auth/sessions");

        // The newest is the telephone's.
        await laptop.OpenAsync("/settings");
        await laptop.SubmitAsync("session", ("Ending.Id", sessions[0].GetProperty("id").GetString()!));

        Assert.Equal("/settings?done=session", laptop.Path);
        await phone.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", phone.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_AllButThisOne_GoOnOnlyHere()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var phone = await SignInAsync(person);
        using var laptop = await SignInAsync(person);

        await laptop.SubmitAsync("sessions");

        Assert.Equal("/settings?done=sessions", laptop.Path);
        Assert.DoesNotContain("sessions", laptop.Forms);
        await phone.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", phone.Path, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await person.SendAsync(HttpMethod.Get, "auth/me")).Status);
    }

    [Fact]
    public async Task Confirmation_AskedForAgain_MailsALink()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var browser = await SignInAsync(person);

        await browser.SubmitAsync("resend");

        Assert.Equal("/settings?done=mailed", browser.Path);
        await browser.OpenAsync((await new Mailbox(running.Folder).LinkAsync(person.Account.Email, "/verify")).PathAndQuery);
        await browser.SubmitAsync("verify");
        await browser.OpenAsync("/settings");
        Assert.DoesNotContain("resend", browser.Forms);
    }

    [Fact]
    public async Task User_Deleted_NeedsPasswordAndLeavesNothingOpen()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var browser = await SignInAsync(person);

        await browser.SubmitAsync("delete", ("Deleting.Password", person.Account.Password));
        Assert.True(browser.Says("Say that you know"), browser.Page);
        await browser.SubmitAsync("delete", ("Deleting.Password", "not this one"), ("Deleting.Sure", "true"));
        Assert.True(browser.Says("The password is wrong."), browser.Page);
        await browser.SubmitAsync("delete", ("Deleting.Password", person.Account.Password), ("Deleting.Sure", "true"));

        Assert.Equal("/welcome", browser.Path);
        Assert.Equal(HttpStatusCode.Unauthorized, (await person.SendWithKeyAsync(HttpMethod.Get, "caps/check")).Status);
        await browser.OpenAsync("/settings");
        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Done_WithAnotherWord_SaysNothing()
    {
        using var person = await ApiClient.SignUpAsync(_server);
        using var browser = await SignInAsync(person);

        await browser.OpenAsync("/settings?done=your+money+is+gone");

        Assert.False(browser.Says("your money"), browser.Page);
        Assert.False(browser.Says("note good"), browser.Page);
    }

    private async Task<Browser> SignInAsync(ApiClient person)
    {
        var browser = new Browser(_server.Dashboard);
        await browser.OpenAsync("/sign-in?return=/settings");
        await browser.SubmitAsync("sign-in", ("Form.Email", person.Account.Email), ("Form.Password", person.Account.Password));
        Assert.Equal("/settings", browser.Path);
        return browser;
    }
}
