using System.Net.Http.Json;
using System.Text.Json;

namespace LlmObserve.Api.Tests.Clerk;

public sealed class ClerkWebhookTests(ClerkApp app) : IClassFixture<ClerkApp>
{
    [Fact]
    public async Task Message_ChangedOrUnsigned_IsRefusedAndDoesNothing()
    {
        var user = ClerkApp.Id("user_");
        var body = ClerkMessages.User("created", user, 5);

        await RefusedAsync(app.Message(body, change: headers => headers.Remove("svix-id")), "one svix-id");
        await RefusedAsync(app.Message(body, change: headers => Set(headers, "svix-id", "msg_2other")), "fits the signing secrets");
        await RefusedAsync(app.Message(body, change: headers => Set(headers, "svix-id", "a.b")), "svix-id must be");
        await RefusedAsync(app.Message(body, change: headers => Set(headers, "svix-timestamp", "1714000000")), "more than five minutes ago");
        await RefusedAsync(app.Message(body, change: headers => Set(headers, "svix-timestamp", "9714000000")), "in the future");
        await RefusedAsync(app.Message(body, change: headers => Set(headers, "svix-timestamp", "soon")), "seconds since 1970");
        await RefusedAsync(app.Message(body, change: headers => Set(headers, "svix-signature", "v2,AAAA")), "no signature of version v1");
        var changed = app.Message(body);
        changed.Content = new StringContent(body + " ");
        await RefusedAsync(changed, "fits the signing secrets");

        app.Clerk.Users.TryRemove(user, out _);
        await app.MeAsync(user, status: 401);
    }

    [Fact]
    public async Task Message_WithBadPayload_NamesEveryFault()
    {
        var problem = await app.TellAsync("""{"type":"organizationMembership.created","data":{"id":"x","role":7}}""", status: 422);

        Assert.Equal(
            ["data.id", "data.organization", "data.public_user_data", "data.role"],
            problem.GetProperty("errors").EnumerateArray().Select(fault => fault.Text("path")).Order(StringComparer.Ordinal));
        Assert.Equal("malformed-body", (await app.TellAsync("[]", status: 400)).Text("code"));
        await app.TellAsync($$"""{"type":"user.created","data":"{{new string('a', 300_000)}}"}""", status: 413);
    }

    [Fact]
    public async Task Message_OfAnotherType_IsTaken() =>
        Assert.Equal("ok", (await app.TellAsync("""{"type":"session.created","data":{"id":"sess_2a"}}""")).Text("status"));

    [Fact]
    public async Task Message_WithTheSameIdAgain_DoesNothing()
    {
        var (user, message) = (ClerkApp.Id("user_"), ClerkApp.Id("msg_"));
        await app.TellAsync(ClerkMessages.User("created", user, 5), message);

        // The same id with other content cannot come from Clerk: it shows that the id decides.
        await app.TellAsync(ClerkMessages.User("updated", user, 6, first: "Grace"), message);

        Assert.Equal("Ada Lovelace", (await app.MeAsync(user)).GetProperty("user").Text("name"));
    }

    [Fact]
    public async Task Message_EightTimesAtOnce_IsDoneOnce()
    {
        var (user, message) = (ClerkApp.Id("user_"), ClerkApp.Id("msg_"));
        var body = ClerkMessages.User("created", user, 5);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.TellAsync(body, message)));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.TellAsync(body)));

        Assert.Single((await app.MeAsync(user)).GetProperty("api_keys").EnumerateArray());
        Assert.Equal(1L, await CountAsync("SELECT count(*) FROM users WHERE email = $1", $"{user.ToLowerInvariant()}@example.com"));
        Assert.Equal(1L, await CountAsync("SELECT count(*) FROM webhook_messages WHERE id = $1", message));
    }

    [Fact]
    public async Task UserDeleted_KeysAndTokens_OpenNothingAtOnce()
    {
        var user = ClerkApp.Id("user_");
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        using var session = app.SignedIn(user);
        var made = await session.PostAsJsonAsync("/clerk/api-keys", new { name = "mine", scopes = new[] { "check" } }).JsonAsync();
        using var sdk = app.With(made.Text("key"));
        await sdk.GetAsync("/caps/check").JsonAsync();

        await app.TellAsync(ClerkMessages.Deleted("user", user));

        Assert.Equal("unknown-key", (await sdk.GetAsync("/caps/check").JsonAsync(401)).Text("code"));
        Assert.Equal("deleted-user", (await session.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
        await app.TellAsync(ClerkMessages.User("created", user, 5));
        await app.TellAsync(ClerkMessages.User("updated", user, 99));
        Assert.Equal("deleted-user", (await session.GetAsync("/auth/me").JsonAsync(401)).Text("code"));
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM users WHERE email = $1 AND closed_at IS NULL", $"{user.ToLowerInvariant()}@example.com"));
    }

    [Fact]
    public async Task OrganizationDeleted_ItsKeysAndMembers_GetInNoMore()
    {
        var (user, organization) = (ClerkApp.Id("user_"), ClerkApp.Id("org_"));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, user, "org:admin"));
        using var team = app.SignedIn(user, organization);
        var made = await team.PostAsJsonAsync("/clerk/api-keys", new { name = "ours" }).JsonAsync();
        using var sdk = app.With(made.Text("key"));
        await sdk.GetAsync("/caps/check").JsonAsync();

        await app.TellAsync(ClerkMessages.Deleted("organization", organization));

        Assert.Equal("unknown-key", (await sdk.GetAsync("/caps/check").JsonAsync(401)).Text("code"));
        Assert.DoesNotContain("ours", (await team.GetAsync("/clerk/api-keys/me").JsonAsync()).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MembershipDeleted_TheMember_IsOutAtOnceAndAnOwnerStays()
    {
        var (owner, member, organization) = (ClerkApp.Id("user_"), ClerkApp.Id("user_"), ClerkApp.Id("org_"));
        var place = ClerkApp.Id("orgmem_");
        await app.TellAsync(ClerkMessages.Membership("created", place, 5, organization, owner, "org:admin"));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, member));
        using var asOwner = app.SignedIn(owner, organization);
        await asOwner.PostAsJsonAsync("/clerk/api-keys", new { name = "ours" }).JsonAsync();

        await app.TellAsync(ClerkMessages.Membership("deleted", place, 5, organization, owner, "org:admin"));

        Assert.DoesNotContain("ours", (await asOwner.GetAsync("/clerk/api-keys/me").JsonAsync()).GetRawText(), StringComparison.Ordinal);
        Assert.Contains("ours", (await app.MeAsync(member, organization)).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1L, await CountAsync(
            """
            SELECT count(*) FROM memberships m JOIN clerk_objects o ON o.kind = 'organization' AND o.account_id = m.account_id
            WHERE o.id = $1 AND m.role = 'owner'
            """,
            organization));
    }

    [Fact]
    public async Task Email_ThatMovesToAnotherUser_GoesWithTheNewestNews()
    {
        var (first, second) = (ClerkApp.Id("user_"), ClerkApp.Id("user_"));
        var email = $"{first}@shared.example.com".ToLowerInvariant();
        await app.TellAsync(ClerkMessages.User("created", first, 5, email));

        // It was given up before the other took it, and that is told later.
        await app.TellAsync(ClerkMessages.User("created", second, 9, email));
        Assert.Equal(email, (await app.MeAsync(second)).GetProperty("user").Text("email"));
        await app.TellAsync(ClerkMessages.User("updated", first, 7));

        Assert.Equal(email, (await app.MeAsync(second)).GetProperty("user").Text("email"));
        Assert.Equal($"{first.ToLowerInvariant()}@example.com", (await app.MeAsync(first)).GetProperty("user").Text("email"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Email_ThatOneOfTwoUsersProved_IsTheirsWhateverWasToldLast(bool isProofFirst)
    {
        var (owner, claimer) = (ClerkApp.Id("user_"), ClerkApp.Id("user_"));
        var email = $"{owner}@shared.example.com".ToLowerInvariant();
        string[] told =
        [
            ClerkMessages.User("created", owner, 5, email),
            ClerkMessages.User("created", claimer, 9, email).Replace("\"verified\"", "\"unverified\"", StringComparison.Ordinal),
        ];
        foreach (var message in isProofFirst ? told : told.Reverse())
        {
            await app.TellAsync(message);
        }

        Assert.Equal(email, (await app.MeAsync(owner)).GetProperty("user").Text("email"));
        Assert.Equal(JsonValueKind.Null, (await app.MeAsync(claimer)).GetProperty("user").GetProperty("email").ValueKind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Email_OfSomebodyWhoSignedUpHere_IsTheSamePersonOnlyWhereBothProvedIt(bool isVerified)
    {
        var user = ClerkApp.Id("user_");
        var email = $"{user}@here.example.com".ToLowerInvariant();
        var id = Guid.CreateVersion7();
        await using (var insert = app.Database.CreateCommand(
            """
            WITH person AS (
              INSERT INTO users (id, email, password_hash, created_at, updated_at, email_verified_at)
              VALUES ($1, $2, 'x', now(), now(), CASE WHEN $3 THEN now() END) RETURNING id),
            account AS (INSERT INTO accounts (id, name, personal_user_id, created_at, updated_at) SELECT $1, 'Here', id, now(), now() FROM person RETURNING id),
            head AS (INSERT INTO ledger_heads (account_id) SELECT id FROM account)
            INSERT INTO memberships (account_id, user_id, role, created_at) SELECT account.id, person.id, 'owner', now() FROM account, person
            """))
        {
            insert.Parameters.Add(new() { Value = id });
            insert.Parameters.Add(new() { Value = email });
            insert.Parameters.Add(new() { Value = isVerified });
            await insert.ExecuteNonQueryAsync();
        }

        await app.TellAsync(ClerkMessages.User("created", user, 5, email));
        var me = (await app.MeAsync(user)).GetProperty("user");

        Assert.Equal(isVerified, me.Text("id") == id.ToString("N"));
        Assert.Equal(isVerified, me.GetProperty("email").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task Changes_ByMessages_AreInTheAuditLog()
    {
        var (user, organization, message) = (ClerkApp.Id("user_"), ClerkApp.Id("org_"), ClerkApp.Id("msg_"));
        await app.TellAsync(ClerkMessages.Membership("created", ClerkApp.Id("orgmem_"), 5, organization, user, "org:admin"), message);
        await app.TellAsync(ClerkMessages.Deleted("organization", organization), message + "x");

        await using var select = app.Database.CreateCommand(
            "SELECT array_agg(DISTINCT action || ' ' || actor_kind ORDER BY action || ' ' || actor_kind) FROM audit_log WHERE actor_id IN ($1, $2)");
        select.Parameters.Add(new() { Value = message });
        select.Parameters.Add(new() { Value = message + "x" });
        Assert.Equal(
            ["account.closed clerk", "account.created clerk", "key.created clerk", "member.added clerk", "user.signed_up clerk"],
            (string[])(await select.ExecuteScalarAsync())!);
    }

    private static void Set(System.Net.Http.Headers.HttpRequestHeaders headers, string name, string value)
    {
        headers.Remove(name);
        headers.TryAddWithoutValidation(name, value);
    }

    private async Task RefusedAsync(HttpRequestMessage message, string why)
    {
        var problem = await app.Anyone.SendAsync(message).JsonAsync(401);
        Assert.Equal("invalid-signature", problem.Text("code"));
        Assert.Contains(why, problem.Text("detail"), StringComparison.Ordinal);
    }

    private async Task<long> CountAsync(string sql, string id)
    {
        await using var count = app.Database.CreateCommand(sql);
        count.Parameters.Add(new() { Value = id });
        return (long)(await count.ExecuteScalarAsync())!;
    }
}

/// <summary>A server without Clerk.</summary>
public sealed class ClerkOffTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Message_WhereClerkIsOff_FindsNothing() =>
        Assert.Equal("clerk-is-off", (await app.Anyone.PostAsJsonAsync("/webhooks/clerk", new { }).JsonAsync(404)).Text("code"));

    [Fact]
    public async Task Keys_OfSomebodyWhoSignedUpHere_AreTheSameResource()
    {
        using var person = await app.SignUpAsync();

        var made = await person.Session.PostAsJsonAsync("/clerk/api-keys", new { name = "mine" }).JsonAsync();
        var me = await person.Session.GetAsync("/clerk/api-keys/me").JsonAsync();

        Assert.Equal(JsonValueKind.Null, me.GetProperty("clerk_user_id").ValueKind);
        Assert.Equal(2, me.GetProperty("api_keys").GetArrayLength());
        await person.Session.DeleteAsync($"/api-keys/{made.Text("id")}").JsonAsync();
        await person.Session.PostAsync("/auth/unseen-key", null).JsonAsync(404);
    }
}
