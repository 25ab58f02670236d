using System.Globalization;
using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>Accounts on the pages, without scripts.</summary>
public sealed class AccountPageTests(RunningServer running) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task NameAndZone_Changed_AreKept()
    {
        using var team = await Team.GatherAsync(running, "admin");
        using var browser = await team.OpenAsync("admin", "/settings/account");
        Assert.True(browser.Says("<option value=\"Asia/Kolkata\""), browser.Page);

        await browser.SubmitAsync("account", ("Changing.Name", "renamed"), ("Changing.TimeZone", "Asia/Kolkata"));

        Assert.Equal("/settings/account?done=account", browser.Path);
        var account = (await team.SendAsync("admin", HttpMethod.Get, $"tenants/{team.Id}")).Expect(HttpStatusCode.OK);
        Assert.Equal("renamed", account.GetProperty("name").GetString());
        Assert.Equal("Asia/Kolkata", account.GetProperty("time_zone").GetString());
    }

    [Fact]
    public async Task Zone_ThatIsNone_SaysSoAndKeepsWhatWasTyped()
    {
        using var team = await Team.GatherAsync(running, "admin");
        using var browser = await team.OpenAsync("admin", "/settings/account");

        await browser.SubmitAsync("account", ("Changing.Name", "typed"), ("Changing.TimeZone", "Mars/Olympus"));

        Assert.True(browser.Says("is no known time zone"), browser.Page);
        Assert.True(browser.Says("value=\"typed\""), browser.Page);
        Assert.True(browser.Says("value=\"Mars/Olympus\""), browser.Page);
    }

    [Theory]
    [InlineData("12.5", "0.125")]
    [InlineData("100", "1")]
    public async Task Checks_Changed_AreKept(string percent, string share)
    {
        using var team = await Team.GatherAsync(running, "admin");
        using var browser = await team.OpenAsync("admin", "/settings/account");

        await browser.SubmitAsync("checks", ("Checking.Policy", "deny"), ("Checking.Percent", percent));

        Assert.Equal("/settings/account?done=checks", browser.Path);
        Assert.True(browser.Says($"value=\"{percent}\""), browser.Page);
        var settings = (await team.SendAsync("admin", HttpMethod.Get, "caps/settings")).Expect(HttpStatusCode.OK);
        Assert.Equal("deny", settings.GetProperty("unpriced_policy").GetString());
        Assert.Equal(decimal.Parse(share, CultureInfo.InvariantCulture), settings.GetProperty("max_hold_share").GetDecimal());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    [InlineData("half")]
    public async Task Checks_WithAShareThatCannotBe_SayWhatCan(string percent)
    {
        using var team = await Team.GatherAsync(running, "admin");
        using var browser = await team.OpenAsync("admin", "/settings/account");

        await browser.SubmitAsync("checks", ("Checking.Percent", percent));

        Assert.True(browser.Says("above 0 and up to 100 percent"), browser.Page);
        Assert.True(browser.Says($"value=\"{percent}\""), browser.Page);
    }

    [Fact]
    public async Task Another_Made_IsOpenAndOwned()
    {
        using var team = await Team.GatherAsync(running);
        using var browser = await team.OpenAsync("owner", "/settings/account");

        await browser.SubmitAsync("make", ("Making.Name", "the second"), ("Making.TimeZone", "Europe/London"));

        Assert.Equal("/settings/account?done=made", browser.Path);
        Assert.True(browser.Says("value=\"the second\""), browser.Page);
        Assert.True(browser.Says("value=\"Europe/London\""), browser.Page);
        Assert.Contains("close", browser.Forms);
    }

    [Fact]
    public async Task Close_ByItsName_ClosesAndCanBeRestored()
    {
        using var team = await Team.GatherAsync(running);
        using var browser = await team.OpenAsync("owner", "/settings/account");
        Assert.Equal(HttpStatusCode.OK, (await team.SendAsync("owner", HttpMethod.Get, "caps/settings")).Status);

        await browser.SubmitAsync("close", ("Closing.Confirm", "the other team"));
        Assert.True(browser.Says("letter by letter"), browser.Page);
        Assert.True(browser.Says("value=\"the other team\""), browser.Page);
        await browser.SubmitAsync("close", ("Closing.Confirm", Team.Name));

        Assert.Equal("/settings/account?done=closed", browser.Path);
        Assert.Equal(HttpStatusCode.Unauthorized, (await team.SendAsync("owner", HttpMethod.Get, "caps/settings")).Status);
        await browser.SubmitAsync("restore", ("Restoring.Id", team.Id));
        Assert.Equal("/settings/account?done=restored", browser.Path);
        Assert.Equal(HttpStatusCode.OK, (await team.SendAsync("owner", HttpMethod.Get, "caps/settings")).Status);
    }
}
