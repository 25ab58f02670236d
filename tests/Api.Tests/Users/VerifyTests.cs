using System.Net.Http.Json;
using LlmObserve.Api.Tests.Accounts;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Mail;

namespace LlmObserve.Api.Tests.Users;

public sealed class VerifyTests(AppFixture app) : IClassFixture<AppFixture>
{
    private const MailKind Kind = MailKind.AddressVerification;

    [Fact]
    public async Task Verify_LinkOfTheSignUp_ProvesTheAddressOnce()
    {
        using var person = await app.SignUpAsync();
        Assert.False((await person.Session.GetAsync("/auth/me").JsonAsync()).GetProperty("user").GetProperty("email_verified").GetBoolean());
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);

        await VerifyAsync(token, 204);

        Assert.True((await person.Session.GetAsync("/auth/me").JsonAsync()).GetProperty("user").GetProperty("email_verified").GetBoolean());
        await VerifyAsync(token, 410);
        Assert.Equal(1, await app.ScalarAsync<long>("SELECT count(*) FROM audit_log WHERE action = 'user.verified' AND actor_name = $1", person.Email));
    }

    [Fact]
    public async Task Verify_ManyTimesAtOnce_WorksOnce()
    {
        using var person = await app.SignUpAsync();
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var response = await app.Anyone.PostAsJsonAsync("/auth/verify", new { token });
            return (int)response.StatusCode;
        }));

        Assert.Equal([204, 410, 410, 410, 410, 410], answers.Order());
    }

    [Theory]
    [InlineData("UPDATE user_tokens t SET expires_at = now() FROM users u WHERE u.id = t.user_id AND u.email = $1")]
    [InlineData("UPDATE users SET email = 'new.' || email WHERE email = $1")]
    [InlineData("UPDATE users SET closed_at = now() WHERE email = $1")]
    public async Task Verify_LinkWhoseTimeOrAddressOrPersonIsGone_IsRefused(string sql)
    {
        using var person = await app.SignUpAsync();
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);
        await app.ExecuteAsync(sql, person.Email);

        await VerifyAsync(token, 410);
    }

    [Fact]
    public async Task Verify_WhatIsNoLink_IsRefused()
    {
        await VerifyAsync("a guess", 410);
        await VerifyAsync("", 422);
    }

    [Fact]
    public async Task SignUp_ClosedAndAgain_MailsAtMostThreeTimesAnHour()
    {
        var email = $"again{Guid.NewGuid():N}@example.com";
        for (var i = 0; i < SignInGuard.MailsPerAddressHour; i++)
        {
            using var person = await app.SignUpAsync(email);
            await app.Mails.NextTokenAsync(email, Kind);
            await person.Session.DeleteAsJsonAsync("/auth/me", new { password = TestPerson.Password }).JsonAsync();
        }

        using var again = await app.SignUpAsync(email);

        // Links are made one after the other: once this one is here, one that was asked for before is made too.
        using var other = await app.SignUpAsync();
        await app.Mails.NextTokenAsync(other.Email, Kind);
        Assert.Equal(0, await app.ScalarAsync<long>("SELECT count(*) FROM user_tokens t JOIN users u ON u.id = t.user_id AND u.closed_at IS NULL WHERE t.email = $1", email));
        await again.Session.PostAsync("/auth/verify/resend", null).JsonAsync(202);
        await VerifyAsync(await app.Mails.NextTokenAsync(email, Kind), 204);
    }

    [Fact]
    public async Task Resend_UntilVerified_MailsAnotherLinkAtMostThreeTimesAnHour()
    {
        using var person = await app.SignUpAsync();
        var first = await app.Mails.NextTokenAsync(person.Email, Kind);
        for (var i = 0; i < 3; i++)
        {
            await person.Session.PostAsync("/auth/verify/resend", null).JsonAsync(202);
        }

        using var refused = await person.Session.PostAsync("/auth/verify/resend", null);

        Assert.Equal(429, (int)refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        // The oldest mail works like the newest, and then none does.
        await app.Mails.NextTokenAsync(person.Email, Kind);
        await app.Mails.NextTokenAsync(person.Email, Kind);
        var last = await app.Mails.NextTokenAsync(person.Email, Kind);
        await VerifyAsync(first, 204);
        await VerifyAsync(last, 410);
        Assert.Equal("already-verified", (await person.Session.PostAsync("/auth/verify/resend", null).JsonAsync(409)).Text("code"));
    }

    [Fact]
    public async Task UpdateMe_NameAndType_AreChangedAndInTheAuditLog()
    {
        using var person = await app.SignUpAsync();

        var changed = await person.Session.PatchAsJsonAsync("/auth/me", new { name = " Ada ", user_type = "team" }).JsonAsync();

        Assert.Equal(("Ada", "team"), (changed.Text("name"), changed.Text("user_type")));
        await person.Session.PatchAsJsonAsync("/auth/me", new { name = (string?)null }).JsonAsync();
        var me = (await person.Session.GetAsync("/auth/me").JsonAsync()).GetProperty("user");
        Assert.Null(me.Text("name"));
        Assert.Equal("team", me.Text("user_type"));
        await person.Session.PatchAsJsonAsync("/auth/me", new { }).JsonAsync();
        Assert.Equal(2, await app.ScalarAsync<long>("SELECT count(*) FROM audit_log WHERE action = 'user.updated' AND actor_name = $1", person.Email));
        Assert.Equal("solo_dev", await app.ScalarAsync<string>(
            "SELECT before->>'user_type' FROM audit_log WHERE action = 'user.updated' AND actor_name = $1 ORDER BY at LIMIT 1", person.Email));
    }

    private async Task VerifyAsync(string token, int status)
    {
        using var response = await app.Anyone.PostAsJsonAsync("/auth/verify", new { token });
        Assert.Equal(status, (int)response.StatusCode);
    }
}
