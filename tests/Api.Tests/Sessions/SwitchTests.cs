using System.Net.Http.Json;
using System.Text.Json;

namespace LlmObserve.Api.Tests.Sessions;

public sealed class SwitchTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Switch_AccountOfTheUser_OpensItAndIsRemembered()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var other = await JoinAsync(session);
        using var client = app.With(session.Text("token"));

        var switched = await client.PostAsJsonAsync("/auth/switch", new { tenant_id = other }).JsonAsync();

        Assert.Equal(other, RefreshTests.Claim(switched, "acct"));
        Assert.Equal(RefreshTests.Claim(session, "sid"), RefreshTests.Claim(switched, "sid"));
        using var there = app.With(switched.Text("token"));
        await there.GetAsync("/api-keys").JsonAsync();
        Assert.Equal(other, RefreshTests.Claim(await RefreshAsync(session), "acct"));
    }

    [Fact]
    public async Task Refresh_WithAnAccountOfTheUser_OpensItAndIsRemembered()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var other = await JoinAsync(session);

        var next = await RefreshAsync(session, other);

        Assert.Equal(other, RefreshTests.Claim(next, "acct"));
        Assert.Equal(other, RefreshTests.Claim(await RefreshAsync(next), "acct"));
    }

    [Fact]
    public async Task Refresh_AccountThatTheUserHasLeftOrThatIsClosed_FallsBackToThePersonalOne()
    {
        using var person = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var personal = RefreshTests.Claim(session, "acct");
        var (left, closed) = (await JoinAsync(session), await JoinAsync(session));

        var next = await RefreshAsync(session, left);
        await app.ExecuteAsync("DELETE FROM memberships WHERE account_id = $1", Guid.Parse(left));
        next = await RefreshAsync(next);
        Assert.Equal(personal, RefreshTests.Claim(next, "acct"));

        next = await RefreshAsync(next, closed);
        await app.ExecuteAsync("UPDATE accounts SET closed_at = now(), purge_at = now() WHERE id = $1", Guid.Parse(closed));
        Assert.Equal(personal, RefreshTests.Claim(await RefreshAsync(next), "acct"));
    }

    [Fact]
    public async Task SwitchAndRefresh_AccountOfSomebodyElse_AnswerLikeNobodys()
    {
        using var person = await app.SignUpAsync();
        using var stranger = await app.SignUpAsync();
        var session = await app.SignInAsync(person.Email);
        var theirs = RefreshTests.Claim(await app.SignInAsync(stranger.Email), "acct");
        using var client = app.With(session.Text("token"));

        foreach (var wanted in new[] { theirs, Guid.NewGuid().ToString("N"), "no id at all" })
        {
            var switched = await client.PostAsJsonAsync("/auth/switch", new { tenant_id = wanted }).JsonAsync(404);
            var refreshed = await app.Anyone.PostAsJsonAsync(
                "/auth/refresh", new { refresh_token = session.Text("refresh_token"), tenant_id = wanted }).JsonAsync(404);
            Assert.Equal(switched.GetRawText(), refreshed.GetRawText());
            Assert.Equal("not-found", switched.Text("code"));
        }

        // Nothing was used up by that.
        await RefreshAsync(session);
    }

    /// <summary>Another account, with the user of a session as a member.</summary>
    private async Task<string> JoinAsync(JsonElement session)
    {
        var account = Guid.NewGuid();
        await app.ExecuteAsync("INSERT INTO accounts (id, name, created_at, updated_at) VALUES ($1, 'Other', now(), now())", account);
        await app.ExecuteAsync("INSERT INTO ledger_heads (account_id) VALUES ($1)", account);
        await app.ExecuteAsync(
            "INSERT INTO memberships (account_id, user_id, role, created_at) VALUES ($1, $2, 'member', now())",
            account,
            Guid.Parse(RefreshTests.Claim(session, "sub")));
        await app.RefreshUserAsync(RefreshTests.Claim(session, "sub"));
        return account.ToString("N");
    }

    private Task<JsonElement> RefreshAsync(JsonElement session, string? account = null) => app.Anyone.PostAsJsonAsync(
        "/auth/refresh", new { refresh_token = session.Text("refresh_token"), tenant_id = account }).JsonAsync();
}
