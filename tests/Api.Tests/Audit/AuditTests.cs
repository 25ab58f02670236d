using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace LlmObserve.Api.Tests.Audit;

public sealed class AuditTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly object s_cap = new
    {
        cap_type = "customer", target_name = "acme", limit_amount = 1.5, period = "daily", enforcement = "hard_block",
    };

    [Fact]
    public async Task List_AfterChangesToACap_TellsWhoDidWhatBeforeAndAfter()
    {
        using var person = await app.SignUpAsync();
        var cap = (await person.Session.PostAsJsonAsync("/caps/", s_cap).JsonAsync()).Text("id");
        await person.Session.PatchAsJsonAsync($"/caps/{cap}", new { limit_amount = 2.25 }).JsonAsync();
        await person.Session.DeleteAsync($"/caps/{cap}").JsonAsync();

        var items = await ListAsync(person, $"object_id={cap}");

        Assert.Equal(["cap.deleted", "cap.updated", "cap.created"], items.Select(item => item.Text("action")));
        Assert.All(items, item =>
        {
            Assert.Equal("user", item.GetProperty("actor").Text("kind"));
            Assert.Equal(person.Email, item.GetProperty("actor").Text("name"));
            Assert.Equal("customer acme, daily", item.GetProperty("object").Text("name"));
            Assert.Equal("127.0.0.1", item.Text("ip"));
            Assert.NotEmpty(item.Text("request_id"));
            Assert.Equal("account", item.Text("scope"));
        });
        Assert.Equal(JsonValueKind.Null, items[2].GetProperty("before").ValueKind);
        Assert.Equal(1.5m, items[1].GetProperty("before").GetProperty("limit_amount").GetDecimal());
        Assert.Equal(2.25m, items[1].GetProperty("after").GetProperty("limit_amount").GetDecimal());
        Assert.Equal(2.25m, items[0].GetProperty("before").GetProperty("limit_amount").GetDecimal());
        Assert.Equal(JsonValueKind.Null, items[0].GetProperty("after").ValueKind);
    }

    [Fact]
    public async Task List_ChangeThatChangesNothing_IsNotInIt()
    {
        using var person = await app.SignUpAsync();
        var cap = (await person.Session.PostAsJsonAsync("/caps/", s_cap).JsonAsync()).Text("id");

        await person.Session.PatchAsJsonAsync($"/caps/{cap}", new { limit_amount = 1.5 }).JsonAsync();

        Assert.Equal("cap.created", Assert.Single(await ListAsync(person, $"object_id={cap}")).Text("action"));
    }

    [Fact]
    public async Task List_ChangeByAKey_NamesTheKeyByItsPrefix()
    {
        using var person = await app.SignUpAsync();
        var key = await person.Session.PostAsJsonAsync("/api-keys", new { scopes = new[] { "manage" } }).JsonAsync();
        using var program = app.With(key.Text("key"));
        var cap = (await program.PostAsJsonAsync("/caps/", s_cap).JsonAsync()).Text("id");

        var actor = Assert.Single(await ListAsync(person, $"object_id={cap}")).GetProperty("actor");

        Assert.Equal(("api_key", key.Text("id"), key.Text("key_prefix")), (actor.Text("kind"), actor.Text("id"), actor.Text("name")));
        await program.GetAsync("/audit").JsonAsync(403);
    }

    [Fact]
    public async Task List_ChangedSettings_AreInItWithBothValues()
    {
        using var person = await app.SignUpAsync();

        await person.Session.PatchAsJsonAsync("/caps/settings", new { unpriced_policy = "deny" }).JsonAsync();

        var item = Assert.Single(await ListAsync(person, "action=settings"));
        Assert.Equal("settings.updated", item.Text("action"));
        Assert.Equal(("allow", "deny"), (item.GetProperty("before").Text("unpriced_policy"), item.GetProperty("after").Text("unpriced_policy")));
    }

    [Fact]
    public async Task List_OfANewAccount_HasTheSignUpAndWhatConcernsAllAccounts()
    {
        using var person = await app.SignUpAsync();

        var items = await ListAsync(person, "");

        Assert.Contains(items, item => item.Text("action") == "user.signed_up" && item.GetProperty("actor").Text("name") == person.Email);
        var prices = Assert.Single(items, item => item.Text("scope") == "installation");
        Assert.Equal(("prices.imported", "system"), (prices.Text("action"), prices.GetProperty("actor").Text("kind")));
    }

    [Fact]
    public async Task List_PageByPage_GivesEveryEntryOnceNewestFirst()
    {
        using var person = await app.SignUpAsync();
        for (var i = 0; i < 5; i++)
        {
            await person.Session.PostAsJsonAsync("/caps/", s_cap).JsonAsync();
        }

        var whole = (await ListAsync(person, "action=cap")).Select(item => item.Text("id")).ToList();
        var paged = new List<string>();
        var cursor = "";
        do
        {
            var page = await person.Session.GetAsync($"/audit?action=cap&limit=2{cursor}").JsonAsync();
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Text("id")));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(5, whole.Count);
        Assert.Equal(whole, paged);
    }

    [Fact]
    public async Task List_ByWindowAndActor_GivesOnlyThose()
    {
        using var person = await app.SignUpAsync();
        await person.Session.PostAsJsonAsync("/caps/", s_cap).JsonAsync();

        Assert.NotEmpty(await ListAsync(person, $"actor={person.Email}&from=2020-01-01T00:00:00Z"));
        Assert.Empty(await ListAsync(person, "actor=nobody"));
        Assert.Empty(await ListAsync(person, "to=2020-01-01T00:00:00Z"));
        Assert.Empty(await ListAsync(person, "from=2030-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task List_WithFaults_NamesThemAll()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.Session.GetAsync("/audit?from=yesterday&limit=0&cursor=x&action=%00").JsonAsync(422);

        Assert.Equal(["action", "cursor", "from", "limit"], problem.GetProperty("errors").EnumerateArray().Select(fault => fault.Text("path")).Order());
    }

    [Fact]
    public async Task Export_NamesThatLookLikeFormulas_AreTextAndQuoted()
    {
        using var person = await app.SignUpAsync();
        await person.Session.PostAsJsonAsync("/caps/", new { cap_type = "customer", target_name = "a, \"b\"", limit_amount = 1, period = "daily" }).JsonAsync();
        await NameSomethingAsync(person, "=HYPERLINK(\"http://x\")");

        using var answer = await person.Session.GetAsync("/audit/export?from=2020-01-01T00:00:00Z");

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        var csv = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("id,at,actor_kind,", csv, StringComparison.Ordinal);
        Assert.Contains(",\"customer a, \"\"b\"\", daily\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'=HYPERLINK(\"\"http://x\"\")\",", csv, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_LongerThanAPage_HasEveryEntry()
    {
        using var person = await app.SignUpAsync();
        for (var i = 0; i < 450; i++)
        {
            await NameSomethingAsync(person, $"thing {i}");
        }

        using var answer = await person.Session.GetAsync("/audit/export?action=test.made");

        var csv = await answer.Content.ReadAsStringAsync();
        Assert.Equal(450, csv.Split("\r\n").Count(line => line.Contains(",test.made,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Log_OfAnotherAccount_IsNotSeen()
    {
        using var owner = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var cap = (await owner.Session.PostAsJsonAsync("/caps/", s_cap).JsonAsync()).Text("id");

        Assert.Empty(await ListAsync(other, $"object_id={cap}"));
        Assert.DoesNotContain(cap, await other.Session.GetStringAsync("/audit/export"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE audit_log SET action = 'nothing'")]
    [InlineData("DELETE FROM audit_log")]
    [InlineData("TRUNCATE audit_log")]
    public async Task Log_OnceWritten_CannotBeChanged(string sql)
    {
        using var person = await app.SignUpAsync();
        await using var command = app.Database.CreateCommand(sql);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
        Assert.NotEmpty(await ListAsync(person, ""));
    }

    private static async Task<List<JsonElement>> ListAsync(TestPerson person, string query) =>
        [.. (await person.Session.GetAsync($"/audit?{query}").JsonAsync()).GetProperty("items").EnumerateArray()];

    private async Task NameSomethingAsync(TestPerson person, string name)
    {
        await using var command = app.Database.CreateCommand(
            """
            INSERT INTO audit_log (id, account_id, at, actor_kind, action, object_kind, object_name)
            SELECT gen_random_uuid(), a.id, now(), 'system', 'test.made', 'test', $2
            FROM accounts a JOIN users u ON u.id = a.personal_user_id WHERE u.email = $1
            """);
        command.Parameters.Add(new() { Value = person.Email });
        command.Parameters.Add(new() { Value = name });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}
