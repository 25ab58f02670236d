using System.Net.Http.Json;
using System.Text.Json;

namespace LlmObserve.Api.Tests.Clerk;

public sealed class ClerkSignInTests(ClerkApp app) : IClassFixture<ClerkApp>
{
    [Fact]
    public async Task SignIn_BeforeAnyMessage_MakesThePersonWithClerksAddress()
    {
        var user = ClerkApp.Id("user_");
        app.Clerk.Users[user] = $$$"""
            {"id":"{{{user}}}","first_name":"Ada","last_name":null,"updated_at":7,"created_at":6,
             "email_addresses":[{"id":"i","email_address":"{{{user}}}@Example.com","verification":{"status":"verified"}}]}
            """;

        var me = await app.MeAsync(user);

        Assert.Equal(user, me.Text("clerk_user_id"));
        Assert.Equal($"{user.ToLowerInvariant()}@example.com", me.GetProperty("user").Text("email"));
        Assert.Equal("Ada", me.GetProperty("user").Text("name"));
        Assert.Single(me.GetProperty("api_keys").EnumerateArray());
        Assert.Equal(me.GetRawText(), (await app.MeAsync(user)).GetRawText());
    }

    [Fact]
    public async Task SignIn_WhileClerksApiFails_MakesThePersonAndTheMessageNamesThem()
    {
        var user = ClerkApp.Id("user_");
        app.Clerk.Users[user] = "<html>";

        var first = (await app.MeAsync(user)).GetProperty("user");
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        var then = (await app.MeAsync(user)).GetProperty("user");

        Assert.Equal(JsonValueKind.Null, first.GetProperty("email").ValueKind);
        Assert.Equal($"{user.ToLowerInvariant()}@example.com", then.Text("email"));
        Assert.Equal("Ada Lovelace", then.Text("name"));
        Assert.Equal(first.Text("id"), then.Text("id"));
    }

    [Fact]
    public async Task SignIn_OfNobodyAtClerk_IsRefusedAndMakesNobody()
    {
        var user = ClerkApp.Id("user_");

        Assert.Equal("deleted-user", (await app.MeAsync(user, status: 401)).Text("code"));
        Assert.Equal(0L, await CountAsync(user));
    }

    [Fact]
    public async Task SignIn_EightTimesAtOnce_MakesOnePerson()
    {
        var user = ClerkApp.Id("user_");
        app.Clerk.Users[user] = "<html>";

        var people = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.MeAsync(user)));

        Assert.Single(people.Select(me => me.GetProperty("user").Text("id")).Distinct());
        Assert.Single((await app.MeAsync(user)).GetProperty("api_keys").EnumerateArray());
    }

    [Fact]
    public async Task SignIn_WithBadTokens_SaysWhy()
    {
        var user = ClerkApp.Id("user_");
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        Assert.Equal("expired-session", await RefusalAsync(app.Token(user, change: claims => claims["exp"] = now - 100)));
        Assert.Equal("other-party", await RefusalAsync(app.Token(user, change: claims => claims["azp"] = "https://evil.example")));
        Assert.Equal("pending-session", await RefusalAsync(app.Token(user, change: claims => claims["sts"] = "pending")));
        Assert.Equal("invalid-session", await RefusalAsync(app.Token(user, change: claims => claims["iss"] = "https://evil.example")));
        Assert.Equal("invalid-session", await RefusalAsync(app.Token(user) + "A"));
        Assert.Equal("invalid-session", await RefusalAsync(app.Token(user)[..^8] + "AAAAAAAA"));
    }

    [Fact]
    public async Task SignIn_WithoutClerksKeys_AnswersToComeBack()
    {
        var silent = new ClerkApp();
        await silent.InitializeAsync();
        try
        {
            silent.Clerk.KeysStatus = 500;
            using var client = silent.SignedIn(ClerkApp.Id("user_"));
            using var answer = await client.GetAsync("/auth/me");

            Assert.Equal(503, (int)answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
        finally
        {
            await silent.DisposeAsync();
        }
    }

    [Fact]
    public async Task Organization_InTheToken_ChoosesTheAccountWhereTheUserBelongs()
    {
        var (user, stranger, organization) = (ClerkApp.Id("user_"), ClerkApp.Id("user_"), ClerkApp.Id("org_"));
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        await app.TellAsync(ClerkMessages.User("created", stranger, 5));
        using var personal = app.SignedIn(user);
        using var team = app.SignedIn(user, organization);
        using var other = app.SignedIn(stranger, organization);
        await personal.PostAsJsonAsync("/clerk/api-keys", new { name = "mine" }).JsonAsync();

        // Nobody has told of the organization yet.
        Assert.Equal(["Default API key", "mine"], await KeysAsync(team));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, user, "org:admin"));
        var made = await team.PostAsJsonAsync("/clerk/api-keys", new { name = "ours" }).JsonAsync();

        Assert.Equal(["ours"], await KeysAsync(team));
        Assert.Equal(["Default API key", "mine"], await KeysAsync(personal));
        Assert.Equal(["Default API key"], await KeysAsync(other));
        await other.DeleteAsync($"/clerk/api-keys/{made.Text("id")}").JsonAsync(404);
        await team.DeleteAsync($"/clerk/api-keys/{made.Text("id")}").JsonAsync();
        using var revoked = app.With(made.Text("key"));
        await revoked.GetAsync("/caps/check").JsonAsync(401);
    }

    [Fact]
    public async Task Roles_OfTheOrganization_AreThoseOfTheAccount()
    {
        var organization = ClerkApp.Id("org_");
        var (creator, admin, member, guest) = (ClerkApp.Id("user_"), ClerkApp.Id("user_"), ClerkApp.Id("user_"), ClerkApp.Id("user_"));
        await app.TellAsync(ClerkMessages.Organization("created", organization, 5, creator: creator));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, admin, "org:admin"));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, creator, "org:admin", createdAt: 9));
        var place = ClerkApp.Id("orgmem_");
        await app.TellAsync(ClerkMessages.Membership("created", place, 5, organization, member));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, guest, "org:billing"));

        using var asMember = app.SignedIn(member, organization);
        using var asGuest = app.SignedIn(guest, organization);
        await asMember.PostAsJsonAsync("/api-keys", new { name = "ok" }).JsonAsync();
        Assert.Equal("missing-role", (await asGuest.PostAsJsonAsync("/api-keys", new { name = "no" }).JsonAsync(403)).Text("code"));
        Assert.Equal(["admin", "member", "owner", "viewer"], await RolesAsync(organization));

        await app.TellAsync(ClerkMessages.Membership("updated", place, 6, organization, member, "org:billing"));
        Assert.Equal("missing-role", (await asMember.PostAsJsonAsync("/api-keys", new { name = "no" }).JsonAsync(403)).Text("code"));
        await app.TellAsync(ClerkMessages.Deleted("user", creator));
        Assert.Equal(["owner", "viewer", "viewer"], await RolesAsync(organization));
    }

    [Fact]
    public async Task Passwords_WhereClerkSignsIn_AreNotAsked()
    {
        foreach (var route in (string[])["/auth/signup", "/auth/login", "/auth/refresh", "/auth/password/forgot", "/auth/password/reset"])
        {
            var problem = await app.Anyone.PostAsJsonAsync(route, new { email = "a@example.com", password = TestPerson.Password }).JsonAsync(409);
            Assert.Equal("clerk-signs-in", problem.Text("code"));
        }
    }

    [Fact]
    public async Task UnseenKey_AfterTheMessage_IsShownOnceAndWorks()
    {
        var user = ClerkApp.Id("user_");
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        using var client = app.SignedIn(user);
        Assert.True((await client.GetAsync("/auth/me").JsonAsync()).GetProperty("has_unseen_key").GetBoolean());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var answer = await client.PostAsync("/auth/unseen-key", null);
            return (Status: (int)answer.StatusCode, Body: JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
        }));

        var shown = Assert.Single(answers, answer => answer.Status == 200).Body;
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal(404, answer.Status));
        using var sdk = app.With(shown.Text("key"));
        Assert.True((await sdk.GetAsync("/caps/check?provider=openai&model=gpt-4o").JsonAsync()).GetProperty("allowed").GetBoolean());
        await client.PostAsync("/auth/unseen-key", null).JsonAsync(404);
        Assert.False((await client.GetAsync("/auth/me").JsonAsync()).GetProperty("has_unseen_key").GetBoolean());
    }

    [Fact]
    public async Task UnseenKey_ADayLater_IsGone()
    {
        var user = ClerkApp.Id("user_");
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        await using (var age = app.Database.CreateCommand(
            """
            UPDATE unseen_keys SET expires_at = expires_at - interval '24 hours'
            WHERE user_id = (SELECT user_id FROM clerk_objects WHERE kind = 'user' AND id = $1)
            """))
        {
            age.Parameters.Add(new() { Value = user });
            Assert.Equal(1, await age.ExecuteNonQueryAsync());
        }

        using var client = app.SignedIn(user);
        await client.PostAsync("/auth/unseen-key", null).JsonAsync(404);
    }

    private static async Task<List<string>> KeysAsync(HttpClient client) =>
        [.. (await client.GetAsync("/clerk/api-keys/me").JsonAsync()).GetProperty("api_keys").EnumerateArray().Select(key => key.Text("name")).Order()];

    private async Task<string> RefusalAsync(string token)
    {
        using var client = app.With(token);
        return (await client.GetAsync("/auth/me").JsonAsync(401)).Text("code");
    }

    private async Task<long> CountAsync(string user)
    {
        await using var count = app.Database.CreateCommand("SELECT count(*) FROM clerk_objects WHERE id = $1");
        count.Parameters.Add(new() { Value = user });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task<string[]> RolesAsync(string organization)
    {
        await using var roles = app.Database.CreateCommand(
            """
            SELECT array_agg(m.role ORDER BY m.role) FROM memberships m JOIN clerk_objects o ON o.kind = 'organization' AND o.account_id = m.account_id
            WHERE o.id = $1
            """);
        roles.Parameters.Add(new() { Value = organization });
        return (string[])(await roles.ExecuteScalarAsync())!;
    }
}
