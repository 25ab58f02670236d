using System.Net.Http.Json;

namespace LlmObserve.Api.Tests.Users;

/// <summary>A server on which one network may try little.</summary>
public sealed class StrictApp : AppFixture
{
    protected override IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["LLMOBSERVE_SIGNUPS_PER_IP_HOUR"] = "2",
        ["LLMOBSERVE_SIGNIN_FAILURES_PER_IP"] = "4",
        ["LLMOBSERVE_MAILS_PER_IP_HOUR"] = "2",
    };
}

/// <summary>One test: all of it comes from one network, and what is used up is used up.</summary>
public sealed class NetworkLimitTests(StrictApp app) : IClassFixture<StrictApp>
{
    [Fact]
    public async Task OneNetwork_ThatTriesTooMuch_IsToldToComeBack()
    {
        using var person = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        await RefusedAsync("/auth/signup", new { email = "third@example.com", password = TestPerson.Password }, "too-many-sign-ups");

        foreach (var email in new[] { person.Email, "nobody@example.com", "no address" })
        {
            await app.Anyone.PostAsJsonAsync("/auth/login", new { email, password = "wrong horse" }).JsonAsync(401);
        }

        // Who signs in themselves gets no more guesses at others.
        await app.SignInAsync(other.Email);
        await app.Anyone.PostAsJsonAsync("/auth/password/reset", new { token = "a guess", password = "a whole new battery" }).JsonAsync(410);
        await RefusedAsync("/auth/login", new { email = other.Email, password = TestPerson.Password }, "too-many-sign-ins");
        await RefusedAsync("/auth/password/reset", new { token = "a guess", password = "a whole new battery" }, "too-many-sign-ins");

        await app.Anyone.PostAsJsonAsync("/auth/password/forgot", new { email = "nobody@example.com" }).JsonAsync(202);
        await person.Session.PostAsync("/auth/verify/resend", null).JsonAsync(202);
        await RefusedAsync("/auth/password/forgot", new { email = person.Email }, "too-many-mails");
        await person.Session.PostAsync("/auth/verify/resend", null).JsonAsync(429);
        var account = (await person.Session.PostAsJsonAsync("/tenants", new { name = "Acme" }).JsonAsync()).GetProperty("id").GetString();
        await person.Session.PostAsJsonAsync($"/tenants/{account}/invitations", new { email = "nobody@example.com", role = "viewer" }).JsonAsync(429);

        // Sessions and keys go on.
        await person.Session.GetAsync("/auth/me").JsonAsync();
    }

    private async Task RefusedAsync(string path, object body, string code)
    {
        using var response = await app.Anyone.PostAsJsonAsync(path, body);
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Contains(code, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
