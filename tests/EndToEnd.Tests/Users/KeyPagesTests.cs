using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Users;

/// <summary>API keys on the pages, without scripts: a key's text is in one answer.</summary>
public sealed partial class KeyPagesTests(RunningServer running) : IClassFixture<RunningServer>
{
    private readonly ServerProcess _server = running.Server;

    [Fact]
    public async Task Make_WithEverything_ShowsTheKeyOnce()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("member", "/settings/keys");

        await browser.SubmitWithoutAsync(
            "make",
            ["Making.Check"],
            ("Making.Name", "the nightly job"),
            ("Making.Read", "true"),
            ("Making.Until", "2027-03-31"),
            ("Making.Networks", "127.0.0.1\n203.0.113.0/24"));

        var text = KeyPattern().Match(browser.Page).Value;
        Assert.NotEmpty(text);
        Assert.True(browser.Says("This is the only time that the key is shown"), browser.Page);
        var key = await OneAsync(team, "the nightly job");
        Assert.Equal(["ingest", "read"], key.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!).ToArray());
        Assert.Equal(DateTimeOffset.Parse("2027-04-01T00:00:00Z", null), key.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal(["127.0.0.1", "203.0.113.0/24"], key.GetProperty("allowed_ips").EnumerateArray().Select(network => network.GetString()!).ToArray());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(text, "stats/overview"));
        await browser.OpenAsync("/settings/keys");
        Assert.True(browser.Says("the nightly job"), browser.Page);
        Assert.False(KeyPattern().IsMatch(browser.Page), browser.Page);
    }

    [Fact]
    public async Task Make_WithFaults_NamesThemAndKeepsWhatWasTyped()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("member", "/settings/keys");

        await browser.SubmitWithoutAsync(
            "make",
            ["Making.Ingest", "Making.Check"],
            ("Making.Name", "typed"),
            ("Making.Until", "2001-01-01"),
            ("Making.Networks", "the office"));

        Assert.True(browser.Says("A key without any scope opens nothing"), browser.Page);
        Assert.True(browser.Says("must be in the future"), browser.Page);
        Assert.True(browser.Says("must be an address or a network"), browser.Page);
        Assert.True(browser.Says("value=\"typed\""), browser.Page);
        Assert.True(browser.Says("value=\"2001-01-01\""), browser.Page);
        Assert.False(KeyPattern().IsMatch(browser.Page), browser.Page);
        Assert.Empty((await team.SendAsync("member", HttpMethod.Get, "api-keys")).Expect(HttpStatusCode.OK).EnumerateArray());
    }

    [Fact]
    public async Task Change_NameAlone_LeavesTheRest()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("member", "/settings/keys");
        await browser.SubmitAsync("make", ("Making.Name", "before"), ("Making.Until", "2027-03-31"), ("Making.Networks", "127.0.0.1"));
        var before = await OneAsync(team, "before");

        await browser.OpenAsync($"/settings/keys/{before.GetProperty("id").GetString()}");
        await browser.SubmitAsync("change", ("Changing.Name", "after"));

        Assert.Equal("/settings/keys?done=key", browser.Path);
        var after = await OneAsync(team, "after");
        Assert.All(["scopes", "expires_at", "allowed_ips"], field => Assert.Equal(before.GetProperty(field).GetRawText(), after.GetProperty(field).GetRawText()));
    }

    [Fact]
    public async Task Change_Emptied_TakesEndAndNetworksAway()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("member", "/settings/keys");
        await browser.SubmitAsync("make", ("Making.Name", "bound"), ("Making.Until", "2027-03-31"), ("Making.Networks", "203.0.113.7"));

        await browser.OpenAsync($"/settings/keys/{(await OneAsync(team, "bound")).GetProperty("id").GetString()}");
        await browser.SubmitAsync("change", ("Changing.Until", ""), ("Changing.Networks", ""));

        var key = await OneAsync(team, "bound");
        Assert.Equal(JsonValueKind.Null, key.GetProperty("expires_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, key.GetProperty("allowed_ips").ValueKind);
    }

    [Fact]
    public async Task Rotate_WithAnOverlap_ShowsTheNextKeyOnceAndBothWork()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("member", "/settings/keys");
        await browser.SubmitAsync("make", ("Making.Name", "rotated"));
        var first = KeyPattern().Match(browser.Page).Value;
        var page = $"/settings/keys/{(await OneAsync(team, "rotated")).GetProperty("id").GetString()}";

        await browser.OpenAsync(page);
        await browser.SubmitAsync("rotate", ("Rotating.Seconds", "3600"));

        var next = KeyPattern().Match(browser.Page).Value;
        Assert.NotEqual(first, next);
        Assert.True(browser.Says("goes on for an hour"), browser.Page);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first, "caps/check"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(next, "caps/check"));
        await browser.OpenAsync(page);
        Assert.DoesNotContain("rotate", browser.Forms);
        Assert.False(KeyPattern().IsMatch(browser.Page), browser.Page);
    }

    [Fact]
    public async Task Revoke_OnItsPage_EndsIt()
    {
        using var team = await Team.GatherAsync(running, "member");
        using var browser = await team.OpenAsync("member", "/settings/keys");
        await browser.SubmitAsync("make", ("Making.Name", "leaked"));
        var text = KeyPattern().Match(browser.Page).Value;
        var page = $"/settings/keys/{(await OneAsync(team, "leaked")).GetProperty("id").GetString()}";

        await browser.OpenAsync(page);
        await browser.SubmitAsync("revoke");

        Assert.Equal("/settings/keys?done=revoked", browser.Path);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(text, "caps/check"));
        await browser.OpenAsync(page);
        Assert.True(browser.Says("There is no such key"), browser.Page);
    }

    private static async Task<JsonElement> OneAsync(Team team, string name) =>
        (await team.SendAsync("member", HttpMethod.Get, "api-keys")).Expect(HttpStatusCode.OK).EnumerateArray()
            .Single(key => key.GetProperty("name").GetString() == name);

    private async Task<HttpStatusCode> StatusAsync(string key, string path)
    {
        using var program = _server.Client();
        program.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var answer = await program.GetAsync(path);
        return answer.StatusCode;
    }

    [GeneratedRegex("llmo_sk_[0-9A-Za-z]{38}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex KeyPattern();
}
