using System.Net.Http.Json;
using LlmObserve.Mail;

namespace LlmObserve.Api.Tests.Users;

public sealed class PasswordChangeTests(AppFixture app) : IClassFixture<AppFixture>
{
    private const string NewPassword = "a whole new battery";

    [Fact]
    public async Task Change_RightPassword_SetsTheNewOneAndEndsOtherSessionsAndLinks()
    {
        using var person = await app.SignUpAsync();
        using var other = app.With((await app.SignInAsync(person.Email)).Text("token"));
        await app.Anyone.PostAsJsonAsync("/auth/password/forgot", new { email = person.Email }).JsonAsync(202);
        var link = await app.Mails.NextTokenAsync(person.Email, MailKind.PasswordReset);

        Assert.Equal(204, await ChangeAsync(person, TestPerson.Password, NewPassword));

        await person.Session.GetAsync("/auth/me").JsonAsync();
        await other.GetAsync("/auth/me").JsonAsync(401);
        await app.Anyone.PostAsJsonAsync("/auth/password/reset", new { token = link, password = NewPassword }).JsonAsync(410);
        await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = TestPerson.Password }).JsonAsync(401);
        await app.SignInAsync(person.Email, NewPassword);
        Assert.Equal(1, await app.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE action = 'user.password_changed' AND actor_name = $1", person.Email));
    }

    [Fact]
    public async Task Change_WrongPasswordTooOften_LocksTheAddressForSignInsToo()
    {
        using var person = await app.SignUpAsync();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(403, await ChangeAsync(person, "wrong horse", NewPassword));
        }

        Assert.Equal(429, await ChangeAsync(person, TestPerson.Password, NewPassword));
        await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = TestPerson.Password }).JsonAsync(429);
        await person.Session.GetAsync("/auth/me").JsonAsync();
    }

    [Fact]
    public async Task CloseUser_WrongPasswordTooOften_LocksTheAddressToo()
    {
        using var person = await app.SignUpAsync();
        for (var i = 0; i < 11; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/auth/me") { Content = JsonContent.Create(new { password = "wrong horse" }) };
            using var response = await person.Session.SendAsync(request);
            Assert.Equal(i < 10 ? 403 : 429, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Change_NewPasswordThatIsRefused_NamesTheField()
    {
        using var person = await app.SignUpAsync();

        foreach (var password in new[] { "short", "password1", person.Email })
        {
            var problem = await person.Session.PostAsJsonAsync(
                "/auth/password/change", new { current_password = TestPerson.Password, new_password = password }).JsonAsync(422);
            Assert.Equal("new_password", Assert.Single(problem.GetProperty("errors").EnumerateArray()).Text("path"));
        }
    }

    [Fact]
    public async Task Change_ManyTimesAtOnce_SucceedsOnce()
    {
        using var person = await app.SignUpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ChangeAsync(person, TestPerson.Password, NewPassword + i)));

        Assert.Equal([204, 403, 403, 403], answers.Order());
    }

    [Fact]
    public async Task Change_PersonWithoutAPassword_IsToldSo()
    {
        using var person = await app.SignUpAsync();
        await app.ExecuteAsync("UPDATE users SET password_hash = NULL WHERE email = $1", person.Email);

        Assert.Equal(409, await ChangeAsync(person, TestPerson.Password, NewPassword));
    }

    private static async Task<int> ChangeAsync(TestPerson person, string current, string password)
    {
        using var response = await person.Session.PostAsJsonAsync(
            "/auth/password/change", new { current_password = current, new_password = password });
        return (int)response.StatusCode;
    }
}
