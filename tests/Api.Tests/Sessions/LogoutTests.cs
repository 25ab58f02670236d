using System.Net;
using System.Net.Http.Json;

namespace LlmObserve.Api.Tests.Sessions;

public sealed class LogoutTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Logout_ThisSession_IsOverAndOthersAreNot()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        using var client = app.With(session.Text("token"));

        using var answer = await client.PostAsync("/auth/logout", null);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("ended-session", (await client.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
        Assert.Equal("ended-session", (await app.Anyone.PostAsJsonAsync(
            "/auth/refresh", new { refresh_token = session.Text("refresh_token") }).JsonAsync(401)).Text("code"));
        await person.Session.GetAsync("/auth/me").JsonAsync();
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("""{}""", 0)]
    [InlineData("""{"keep_current":false}""", 0)]
    [InlineData("""{"keep_current":true}""", 1)]
    public async Task LogoutEverywhere_ByBody_EndsAllOrAllButThisOne(string? body, int left)
    {
        using var person = await app.SignUpAsync();
        using var other = app.With((await app.SignInAsync(person.Email)).Text("token"));
        using var stranger = await app.SignUpAsync();

        using var answer = await person.Session.PostAsync(
            "/auth/logout-everywhere", body is null ? null : new StringContent(body, null, "application/json"));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await other.GetAsync("/auth/me").JsonAsync(401);
        await person.Session.GetAsync("/auth/me").JsonAsync(left == 1 ? 200 : 401);
        await stranger.Session.GetAsync("/auth/me").JsonAsync();
        Assert.Equal(left, await app.ScalarAsync<long>(
            "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1", person.Email));
        Assert.Equal(1, await app.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE action = 'session.all_ended' AND actor_name = $1", person.Email));
    }

    [Fact]
    public async Task Sessions_OfAPerson_AreListedNewestFirstAndTheCurrentOneIsMarked()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        using var client = app.With(session.Text("token"));
        client.DefaultRequestHeaders.UserAgent.ParseAdd("test/1.0");

        var listed = (await client.GetAsync("/auth/sessions").JsonAsync()).EnumerateArray().ToList();

        Assert.Equal(2, listed.Count);
        Assert.Equal(RefreshTests.Claim(session, "sid"), listed[0].Text("id"));
        Assert.True(listed[0].GetProperty("is_current").GetBoolean());
        Assert.False(listed[1].GetProperty("is_current").GetBoolean());
        Assert.Equal("127.0.0.1", listed[0].Text("ip"));
    }

    [Fact]
    public async Task EndSession_OwnOne_IsRefusedFromThenOn()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        using var client = app.With(session.Text("token"));

        using var answer = await person.Session.DeleteAsync($"/auth/sessions/{RefreshTests.Claim(session, "sid")}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await client.GetAsync("/auth/me").JsonAsync(401);
        await person.Session.DeleteAsync($"/auth/sessions/{RefreshTests.Claim(session, "sid")}").JsonAsync(404);
    }

    [Fact]
    public async Task EndSession_OfSomebodyElse_AnswersLikeNobodys()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        var theirs = RefreshTests.Claim(await app.SignInAsync(stranger.Email), "sid");

        var refused = await person.Session.DeleteAsync($"/auth/sessions/{theirs}").JsonAsync(404);
        var nobodys = await person.Session.DeleteAsync($"/auth/sessions/{Guid.NewGuid():N}").JsonAsync(404);

        Assert.Equal(nobodys.GetRawText(), refused.GetRawText());
        await stranger.Session.GetAsync("/auth/me").JsonAsync();
    }

    [Fact]
    public async Task SignIn_OnMoreDevicesThanAreKept_EndsTheOldest()
    {
        using var person = await app.SignUpAsync();
        await app.ExecuteAsync(
            """
            INSERT INTO sessions (id, user_id, created_at, refreshed_at, expires_at)
            SELECT gen_random_uuid(), u.id, now() + interval '1 second', now(), now() + interval '1 day' FROM users u, generate_series(1, 49)
            WHERE u.email = $1
            """,
            person.Email);

        await app.SignInAsync(person.Email);

        await person.Session.GetAsync("/auth/me").JsonAsync(401);
        Assert.Equal(50, await app.ScalarAsync<long>(
            "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1", person.Email));
    }

    [Fact]
    public async Task SignIn_WhereItSucceeds_IsInTheAuditLogOfThePersonalAccount()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);

        Assert.Equal(Guid.Parse(RefreshTests.Claim(session, "acct")), await app.ScalarAsync<Guid>(
            "SELECT account_id FROM audit_log WHERE action = 'session.started' AND object_id = $1", RefreshTests.Claim(session, "sid")));
    }
}
