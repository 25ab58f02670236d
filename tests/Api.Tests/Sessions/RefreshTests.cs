using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Api.Callers;

namespace LlmObserve.Api.Tests.Sessions;

public sealed class RefreshTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Refresh_AfterSignUpAndSignIn_GivesTokensThatWork()
    {
        var signedUp = await app.Anyone.PostAsJsonAsync(
            "/auth/signup", new { email = "refresh.first@example.com", password = TestPerson.Password }).JsonAsync();
        var signedIn = await app.SignInAsync("refresh.first@example.com");

        foreach (var session in new[] { signedUp, signedIn })
        {
            var next = await RefreshAsync(session.Text("refresh_token")).JsonAsync();
            using var client = app.With(next.Text("token"));
            await client.GetAsync("/auth/me").JsonAsync();
            Assert.NotEqual(session.Text("refresh_token"), next.Text("refresh_token"));
            await RefreshAsync(next.Text("refresh_token")).JsonAsync();
        }
    }

    [Fact]
    public async Task SignIn_Answer_SaysWhenTheTokenEnds()
    {
        using var person = await app.SignUpAsync();
        var before = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

        var session = await app.SignInAsync(person.Email);

        var ends = session.GetProperty("expires_at").GetDateTimeOffset();
        Assert.InRange(ends, before + SessionTokens.Lifetime, TimeProvider.System.GetUtcNow() + SessionTokens.Lifetime);
    }

    [Fact]
    public async Task Refresh_SessionThatEndsWithinTheHour_TokenEndsWithIt()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        await app.ExecuteAsync("UPDATE sessions SET expires_at = now() + interval '5 minutes' WHERE id = $1", SessionOf(session));

        var next = await RefreshAsync(session.Text("refresh_token")).JsonAsync();

        Assert.True(next.GetProperty("expires_at").GetDateTimeOffset() <= TimeProvider.System.GetUtcNow().AddMinutes(5));
    }

    [Fact]
    public async Task Refresh_SameTokenManyTimesAtOnce_GivesOneNextToken()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefreshAsync(session.Text("refresh_token")).JsonAsync()));

        var next = Assert.Single(answers.Select(answer => answer.Text("refresh_token")).Distinct());
        Assert.Equal(1, await app.ScalarAsync<int>("SELECT generation FROM sessions WHERE id = $1", SessionOf(session)));
        await RefreshAsync(next).JsonAsync();
    }

    [Fact]
    public async Task Refresh_UsedTokenAgainSoon_GivesTheSameAnswer()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var first = await RefreshAsync(session.Text("refresh_token")).JsonAsync();

        var again = await RefreshAsync(session.Text("refresh_token")).JsonAsync();

        Assert.Equal(first.Text("refresh_token"), again.Text("refresh_token"));
    }

    [Fact]
    public async Task Refresh_UsedTokenAfterTheGrace_EndsTheSessionAndSaysSoInTheAuditLog()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var next = await RefreshAsync(session.Text("refresh_token")).JsonAsync();
        await app.ExecuteAsync("UPDATE sessions SET refreshed_at = now() - interval '31 seconds' WHERE id = $1", SessionOf(session));

        var refused = await RefreshAsync(session.Text("refresh_token")).JsonAsync(401);

        Assert.Equal("ended-session", refused.Text("code"));
        using var client = app.With(next.Text("token"));
        Assert.Equal("ended-session", (await client.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
        Assert.Equal("ended-session", (await RefreshAsync(next.Text("refresh_token")).JsonAsync(401)).Text("code"));
        await person.Session.GetAsync("/auth/me").JsonAsync();
        Assert.Equal("refresh_token_reused", await app.ScalarAsync<string>(
            "SELECT after->>'reason' FROM audit_log WHERE action = 'session.ended' AND object_id = $1", SessionOf(session).ToString("N")));
    }

    [Fact]
    public async Task Refresh_TokenFromTwoBefore_EndsTheSessionAtOnce()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var second = await RefreshAsync(session.Text("refresh_token")).JsonAsync();
        var third = await RefreshAsync(second.Text("refresh_token")).JsonAsync();

        await RefreshAsync(session.Text("refresh_token")).JsonAsync(401);

        await RefreshAsync(third.Text("refresh_token")).JsonAsync(401);
    }

    [Fact]
    public async Task Refresh_TokenAheadOfARestoredDatabase_IsRefusedAndEndsNothing()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var next = await RefreshAsync(session.Text("refresh_token")).JsonAsync();
        await app.ExecuteAsync("UPDATE sessions SET generation = 0 WHERE id = $1", SessionOf(session));

        await RefreshAsync(next.Text("refresh_token")).JsonAsync(401);

        await RefreshAsync(session.Text("refresh_token")).JsonAsync();
    }

    [Theory]
    [InlineData("refreshed_at = now() - interval '30 days'")]
    [InlineData("expires_at = now()")]
    public async Task Refresh_SessionWhoseTimeIsOver_IsRefusedAndNotListed(string change)
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        await app.ExecuteAsync($"UPDATE sessions SET {change} WHERE id = $1", SessionOf(session));

        Assert.Equal("ended-session", (await RefreshAsync(session.Text("refresh_token")).JsonAsync(401)).Text("code"));

        var listed = await person.Session.GetAsync("/auth/sessions").JsonAsync();
        Assert.DoesNotContain(SessionOf(session).ToString("N"), listed.EnumerateArray().Select(item => item.Text("id")));
    }

    [Fact]
    public async Task Refresh_WhatIsNoToken_IsRefused()
    {
        Assert.Equal("invalid-refresh-token", (await RefreshAsync("llmo_rt_nothing").JsonAsync(401)).Text("code"));
        await app.Anyone.PostAsJsonAsync("/auth/refresh", new { }).JsonAsync(422);
    }

    [Fact]
    public async Task RefreshToken_AsABearer_OpensNothing()
    {
        using var person = await app.SignUpAsync();
        using var client = app.With((await app.SignInAsync(person.Email)).Text("refresh_token"));

        Assert.Equal("invalid-session", (await client.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
    }

    internal static Guid SessionOf(JsonElement session) => Guid.ParseExact(Claim(session, "sid"), "N");

    internal static string Claim(JsonElement session, string name) =>
        JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(session.Text("token").Split('.')[1])).Text(name);

    private Task<HttpResponseMessage> RefreshAsync(string token) => app.Anyone.PostAsJsonAsync("/auth/refresh", new { refresh_token = token });
}
