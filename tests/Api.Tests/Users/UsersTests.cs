using System.Net.Http.Json;

namespace LlmObserve.Api.Tests.Users;

public sealed class UsersTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task SignUp_NewPerson_AnswersTokenUserAndKey()
    {
        var answer = await app.Anyone.PostAsJsonAsync(
            "/auth/signup", new { email = " Ada@Example.com ", password = TestPerson.Password, name = "Ada", user_type = "team" }).JsonAsync();

        var user = answer.GetProperty("user");
        Assert.Equal("ada@example.com", user.Text("email"));
        Assert.Equal("Ada", user.Text("name"));
        Assert.Equal("team", user.Text("user_type"));
        Assert.Equal("free", user.Text("subscription_tier"));
        Assert.EndsWith("Z", user.Text("created_at"), StringComparison.Ordinal);
        var key = answer.GetProperty("api_key");
        Assert.StartsWith("llmo_sk_", key.Text("key"), StringComparison.Ordinal);
        Assert.StartsWith(key.Text("key_prefix"), key.Text("key"), StringComparison.Ordinal);

        using var session = app.With(answer.Text("token"));
        var me = await session.GetAsync("/auth/me").JsonAsync();
        Assert.Equal(user.Text("id"), me.GetProperty("user").Text("id"));
        var listed = Assert.Single(me.GetProperty("api_keys").EnumerateArray());
        Assert.False(listed.TryGetProperty("key", out _));
    }

    [Fact]
    public async Task SignUp_TakenAddressInAnyCase_AnswersConflict()
    {
        using var person = await app.SignUpAsync();

        var problem = await app.Anyone.PostAsJsonAsync(
            "/auth/signup", new { email = person.Email.ToUpperInvariant(), password = TestPerson.Password }).JsonAsync(409);

        Assert.Equal("email-taken", problem.Text("code"));
    }

    [Fact]
    public async Task SignUp_OfOneAddressManyTimesAtOnce_MakesOnePerson()
    {
        var attempts = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var response = await app.Anyone.PostAsJsonAsync("/auth/signup", new { email = "race@example.com", password = TestPerson.Password });
            return (int)response.StatusCode;
        }));

        Assert.Equal([200, 409, 409, 409, 409, 409], attempts.Order());
    }

    [Fact]
    public async Task SignUp_BadFields_NamesThemAll()
    {
        var problem = await app.Anyone.PostAsJsonAsync("/auth/signup", new { email = "nobody", password = "short", name = 7 }).JsonAsync(422);

        Assert.Equal(["email", "name", "password"], problem.GetProperty("errors").EnumerateArray().Select(fault => fault.Text("path")).Order());
    }

    [Theory]
    [InlineData("a@b")]
    [InlineData("@example.com")]
    [InlineData("a b@example.com")]
    [InlineData("a@exa mple.com")]
    [InlineData("a@-x.com")]
    [InlineData("a@.com")]
    [InlineData("İ@example.com")]
    public async Task SignUp_WhatIsNoAddress_IsRefused(string email) =>
        await app.Anyone.PostAsJsonAsync("/auth/signup", new { email, password = TestPerson.Password }).JsonAsync(422);

    [Fact]
    public async Task SignIn_RightPassword_AnswersTokenAndUser()
    {
        using var person = await app.SignUpAsync();

        var answer = await app.Anyone.PostAsJsonAsync("/auth/login/", new { email = person.Email, password = TestPerson.Password }).JsonAsync();

        Assert.Equal(person.Email, answer.GetProperty("user").Text("email"));
        using var session = app.With(answer.Text("token"));
        await session.GetAsync("/auth/me").JsonAsync();
    }

    [Fact]
    public async Task SignIn_WrongPasswordAndUnknownAddress_AnswerTheSame()
    {
        using var person = await app.SignUpAsync();

        var wrong = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = "wrong horse" }).JsonAsync(401);
        var unknown = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = "nobody@example.com", password = "wrong horse" }).JsonAsync(401);

        Assert.Equal("invalid-login", wrong.Text("code"));
        Assert.Equal(wrong.GetRawText(), unknown.GetRawText());
    }

    [Fact]
    public async Task SignIn_Flood_IsShedAndOthersAreServed()
    {
        using var person = await app.SignUpAsync();
        var flood = Enumerable.Range(0, 120).Select(async _ =>
        {
            using var response = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = "wrong horse" });
            return (int)response.StatusCode;
        }).ToList();

        Assert.Equal("ok", (await app.Anyone.GetAsync("/health").JsonAsync()).Text("status"));
        var answers = await Task.WhenAll(flood);
        Assert.Contains(429, answers);
        Assert.Contains(401, answers);
        Assert.Empty(answers.Except([401, 429]));
    }

    [Fact]
    public async Task Me_WithoutOrWithForeignCredentials_IsRefused()
    {
        using var person = await app.SignUpAsync();

        Assert.Equal("missing-credentials", (await app.Anyone.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
        Assert.Equal("session-needed", (await person.Sdk.GetAsync("/auth/me").JsonAsync(403)).Text("code"));
        using var stranger = app.With("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.");
        Assert.Equal("invalid-session", (await stranger.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
    }
}
