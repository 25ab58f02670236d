using System.Net.Http.Json;
using LlmObserve.Mail;

namespace LlmObserve.Api.Tests.Users;

public sealed class ResetTests(AppFixture app) : IClassFixture<AppFixture>
{
    private const MailKind Kind = MailKind.PasswordReset;
    private const string NewPassword = "a whole new battery";

    [Fact]
    public async Task Forgot_KnownAndUnknownAddress_AnswerTheSameAndOnlyOneIsMailed()
    {
        using var person = await app.SignUpAsync();

        var unknown = await ForgotAsync("nobody.at.all@example.com");
        var known = await ForgotAsync(person.Email.ToUpperInvariant());

        Assert.Equal(known, unknown);
        // Mails go out in order: where the second is there, the first would be.
        await app.Mails.NextTokenAsync(person.Email, Kind);
        Assert.Equal(0, app.Mails.Count("nobody.at.all@example.com", Kind));
    }

    [Fact]
    public async Task Forgot_PersonWhoHasLeftOrHasNoPassword_GetsNoMail()
    {
        using var gone = await app.SignUpAsync();
        using var elsewhere = await app.SignUpAsync();
        using var person = await app.SignUpAsync();
        await app.ExecuteAsync("UPDATE users SET closed_at = now() WHERE email = $1", gone.Email);
        await app.ExecuteAsync("UPDATE users SET password_hash = NULL WHERE email = $1", elsewhere.Email);

        Assert.Equal(await ForgotAsync(gone.Email), await ForgotAsync(elsewhere.Email));
        await ForgotAsync(person.Email);

        await app.Mails.NextTokenAsync(person.Email, Kind);
        Assert.Equal(0, app.Mails.Count(gone.Email, Kind));
        Assert.Equal(0, app.Mails.Count(elsewhere.Email, Kind));
    }

    [Fact]
    public async Task Forgot_MoreThanThreeTimesAnHour_AnswersTheSameAndMailsNoMore()
    {
        using var person = await app.SignUpAsync();
        using var other = await app.SignUpAsync();

        var answers = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            answers.Add(await ForgotAsync(person.Email));
        }

        await ForgotAsync(other.Email);
        await app.Mails.NextTokenAsync(other.Email, Kind);
        Assert.Single(answers.Distinct());
        Assert.Equal(3, app.Mails.Count(person.Email, Kind));
    }

    [Fact]
    public async Task Forgot_WhatIsNoAddress_IsRefused() =>
        await app.Anyone.PostAsJsonAsync("/auth/password/forgot", new { email = "nobody" }).JsonAsync(422);

    [Fact]
    public async Task Reset_WithALink_SetsThePasswordAndEndsEverythingElse()
    {
        using var person = await app.SignUpAsync();
        var verify = await app.Mails.NextTokenAsync(person.Email, MailKind.AddressVerification);
        var session = await app.SignInAsync(person.Email);
        await ForgotAsync(person.Email);
        await ForgotAsync(person.Email);
        var (first, second) = (await app.Mails.NextTokenAsync(person.Email, Kind), await app.Mails.NextTokenAsync(person.Email, Kind));
        for (var i = 0; i < 11; i++)
        {
            using var guess = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = "wrong horse" });
        }

        await ResetAsync(first, NewPassword, 204);

        await person.Session.GetAsync("/auth/me").JsonAsync(401);
        await app.Anyone.PostAsJsonAsync("/auth/refresh", new { refresh_token = session.Text("refresh_token") }).JsonAsync(401);
        await ResetAsync(first, NewPassword, 410);
        await ResetAsync(second, NewPassword, 410);
        using var verified = await app.Anyone.PostAsJsonAsync("/auth/verify", new { token = verify });
        Assert.Equal(410, (int)verified.StatusCode);
        // The lock of the address is gone with the old password, which is wrong now.
        await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = TestPerson.Password }).JsonAsync(401);
        var anew = await app.SignInAsync(person.Email, NewPassword);
        Assert.True(anew.GetProperty("user").GetProperty("email_verified").GetBoolean());
        await person.Sdk.GetAsync("/caps/check?provider=openai&model=gpt-4o").JsonAsync();
        Assert.Equal(1, await app.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE action = 'user.password_reset' AND actor_name = $1", person.Email));
    }

    [Fact]
    public async Task Reset_PasswordThatIsRefused_DoesNotUseTheLinkUp()
    {
        using var person = await app.SignUpAsync();
        await ForgotAsync(person.Email);
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);

        await ResetAsync(token, "short", 422);
        await ResetAsync(token, "password1", 422);
        await ResetAsync(token, person.Email, 422);

        await ResetAsync(token, NewPassword, 204);
    }

    [Fact]
    public async Task Reset_ManyTimesAtOnce_WorksOnce()
    {
        using var person = await app.SignUpAsync();
        await ForgotAsync(person.Email);
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var response = await app.Anyone.PostAsJsonAsync("/auth/password/reset", new { token, password = NewPassword + i });
            return (int)response.StatusCode;
        }));

        Assert.Equal([204, 410, 410, 410], answers.Order());
    }

    [Fact]
    public async Task Reset_LinkThatIsTooOldOrForSomethingElse_IsRefused()
    {
        using var person = await app.SignUpAsync();
        await ResetAsync(await app.Mails.NextTokenAsync(person.Email, MailKind.AddressVerification), NewPassword, 410);
        await ForgotAsync(person.Email);
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);
        await app.ExecuteAsync("UPDATE user_tokens SET expires_at = now() WHERE purpose = 'reset'");

        await ResetAsync(token, NewPassword, 410);
    }

    [Fact]
    public async Task Reset_GoodAndBadLink_HashOnce()
    {
        using var person = await app.SignUpAsync();
        await ForgotAsync(person.Email);
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);
        var before = app.Hasher.Calls;

        await ResetAsync("a guess", NewPassword, 410);
        Assert.Equal(before + 1, app.Hasher.Calls);
        await ResetAsync(token, NewPassword, 204);
        Assert.Equal(before + 2, app.Hasher.Calls);
    }

    [Fact]
    public async Task SignIn_OldPasswordWhileANewOneIsSet_OpensNoSession()
    {
        using var person = await app.SignUpAsync();
        await ForgotAsync(person.Email);
        var token = await app.Mails.NextTokenAsync(person.Email, Kind);

        // The old password was right a moment ago; its session is stored after all others have ended.
        app.Hasher.AfterNext = () => app.ExecuteAsync("UPDATE users SET password_hash = 'another' WHERE email = $1", person.Email).Wait();
        await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = TestPerson.Password }).JsonAsync(401);

        Assert.Equal(1, await app.ScalarAsync<long>(
            "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1", person.Email));
        await ResetAsync(token, NewPassword, 204);
        await app.SignInAsync(person.Email, NewPassword);
    }

    [Fact]
    public async Task Links_InTheDatabase_AreNotTheTokens()
    {
        using var person = await app.SignUpAsync();
        var token = await app.Mails.NextTokenAsync(person.Email, MailKind.AddressVerification);

        Assert.Equal(0, await app.ScalarAsync<long>("SELECT count(*) FROM user_tokens t WHERE t::text LIKE '%' || $1 || '%'", token));
    }

    private async Task<string> ForgotAsync(string email) =>
        (await app.Anyone.PostAsJsonAsync("/auth/password/forgot", new { email }).JsonAsync(202)).GetRawText();

    private async Task ResetAsync(string token, string password, int status)
    {
        using var response = await app.Anyone.PostAsJsonAsync("/auth/password/reset", new { token, password });
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }
}
