using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Api.Keys;

namespace LlmObserve.Api.Tests.Keys;

/// <summary>What a key is made with, and what can be changed of it.</summary>
public sealed class KeyTermsTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly string[] s_elsewhere = ["203.0.113.7", "2001:DB8::/32", "203.0.113.7/32"];

    [Fact]
    public async Task Create_WithAnEndAndNetworks_ShowsBothInOneNotation()
    {
        using var person = await app.SignUpAsync();
        var end = new DateTimeOffset(TimeProvider.System.GetUtcNow().Year + 2, 3, 1, 9, 30, 0, TimeSpan.FromHours(1));

        var made = await person.Session.PostAsJsonAsync(
            "/api-keys", new { name = "CI", expires_at = end.ToString("yyyy-MM-dd'T'HH:mm:sszzz"), allowed_ips = s_elsewhere }).JsonAsync();
        var listed = (await person.GetAsync("/api-keys"))[0];

        foreach (var key in (JsonElement[])[made, listed])
        {
            Assert.Equal(end, key.GetProperty("expires_at").GetDateTimeOffset());
            Assert.Equal(["203.0.113.7", "2001:db8::/32"], Texts(key, "allowed_ips"));
        }

        Assert.Equal(person.Email, listed.GetProperty("created_by").Text("email"));
        Assert.Equal(JsonValueKind.Null, (await person.GetAsync("/api-keys"))[1].GetProperty("allowed_ips").ValueKind);
    }

    [Theory]
    [InlineData("\"2020-01-01T00:00:00Z\"", "out-of-range")]
    [InlineData("\"2099-01-01T00:00:00Z\"", "out-of-range")]
    [InlineData("\"2027-01-01T00:00:00\"", "malformed")]
    [InlineData("\"2027-01-01\"", "malformed")]
    [InlineData("\"soon\"", "malformed")]
    [InlineData("1790000000", "malformed")]
    public async Task Create_WithAnEndThatIsNone_SaysSo(string end, string code)
    {
        using var person = await app.SignUpAsync();
        using var body = new StringContent($$"""{"expires_at":{{end}}}""", null, "application/json");

        Assert.Equal([("expires_at", code)], (await person.Session.PostAsync("/api-keys", body).JsonAsync(422)).Faults());
    }

    [Fact]
    public async Task Create_WithManyFaults_NamesThemAll()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.Session.PostAsJsonAsync("/api-keys", new
        {
            name = new string('x', 101),
            scopes = new[] { "root" },
            expires_at = "never",
            allowed_ips = new[] { "10.0.0.0/8", "10.0.0.1/8", "localhost", "::1" },
        }).JsonAsync(422);

        Assert.Equal(["name", "scopes[0]", "expires_at", "allowed_ips[1]", "allowed_ips[2]"], problem.Faults().Select(fault => fault.Path));
        var none = await person.Session.PostAsJsonAsync("/api-keys", new { allowed_ips = Array.Empty<string>() }).JsonAsync(422);
        Assert.Equal([("allowed_ips", "required")], none.Faults());
        var many = await person.Session.PostAsJsonAsync("/api-keys", new { allowed_ips = Enumerable.Repeat("::1", KeyForm.MaxNetworks + 1) }).JsonAsync(422);
        Assert.Equal([("allowed_ips", "too-long")], many.Faults());
    }

    [Fact]
    public async Task Change_OfAKey_ChangesWhatIsSaidAtOnce()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("1"));
        var id = (await person.GetAsync("/api-keys"))[0].Text("id");

        var narrowed = await person.Session.PatchAsJsonAsync($"/api-keys/{id}", new { name = "checks", scopes = new[] { "check" } }).JsonAsync();

        Assert.Equal(("checks", "check"), (narrowed.Text("name"), Assert.Single(Texts(narrowed, "scopes"))));
        Assert.Equal("missing-scope", (await person.Sdk.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(403)).Text("code"));
        await person.CheckAsync("model=gpt-4o");

        await person.Session.PatchAsJsonAsync($"/api-keys/{id}", new { scopes = new[] { "ingest", "check" }, allowed_ips = s_elsewhere }).JsonAsync();
        var elsewhere = await person.Sdk.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(403);
        Assert.Equal("address-not-allowed", elsewhere.Text("code"));
        Assert.DoesNotContain("203.0.113", elsewhere.GetRawText(), StringComparison.Ordinal);

        await person.Session.PatchAsJsonAsync($"/api-keys/{id}", new { allowed_ips = new[] { "127.0.0.0/8", "::1" } }).JsonAsync();
        await person.SendAsync(TestEvents.Make("1"));

        using var clear = new StringContent("""{"allowed_ips":null,"expires_at":null,"name":null}""", null, "application/json");
        var cleared = await person.Session.PatchAsync($"/api-keys/{id}", clear).JsonAsync();
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("allowed_ips").ValueKind);
        Assert.Equal(KeyForm.DefaultName, cleared.Text("name"));
        Assert.Equal(["ingest", "check"], Texts(cleared, "scopes"));
    }

    [Fact]
    public async Task Change_WithFaults_NamesThemAndChangesNothing()
    {
        using var person = await app.SignUpAsync();
        var before = await person.GetAsync("/api-keys");

        using var body = new StringContent("""{"name":"new","scopes":null,"expires_at":"2001-01-01T00:00:00Z","allowed_ips":["1"]}""", null, "application/json");
        var problem = await person.Session.PatchAsync($"/api-keys/{before[0].Text("id")}", body).JsonAsync(422);

        Assert.Equal(["scopes", "expires_at", "allowed_ips[0]"], problem.Faults().Select(fault => fault.Path));
        Assert.Equal(before.GetRawText(), (await person.GetAsync("/api-keys")).GetRawText());
        await person.Session.PatchAsJsonAsync($"/api-keys/{Guid.NewGuid():N}", new { name = "x" }).JsonAsync(404);
        await person.Session.PatchAsJsonAsync("/api-keys/none", new { name = "x" }).JsonAsync(404);
    }

    [Fact]
    public async Task Create_ManyAtOnce_StopsAtTheLimit()
    {
        using var person = await app.SignUpAsync();
        await using (var fill = app.Database.CreateCommand(
            """
            INSERT INTO api_keys (id, account_id, user_id, key_sha256, key_prefix, name, scopes, created_at, expires_at)
            SELECT gen_random_uuid(), account_id, user_id, sha256(convert_to($1 || n, 'UTF8')), 'llmo_sk_fill', 'fill', '{read}', now(),
                   CASE WHEN n > $2 THEN now() - interval '1 day' END
            FROM users u JOIN memberships m ON m.user_id = u.id, generate_series(1, $2 + 150) n WHERE u.email = $1
            """))
        {
            fill.Parameters.Add(new() { Value = person.Email });
            fill.Parameters.Add(new() { Value = AccountKeys.MaxKeys - 4 });
            await fill.ExecuteNonQueryAsync();
        }

        // One of the sign-up, three that fit, and what has expired does not count.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            using var response = await person.Session.PostAsJsonAsync("/api-keys", new { name = $"{n}" });
            return (int)response.StatusCode;
        }));

        Assert.Equal((3, 5), (answers.Count(status => status == 200), answers.Count(status => status == 409)));
        var list = (await person.GetAsync("/api-keys")).EnumerateArray().ToList();
        Assert.Equal(Storage.Keys.KeysStore.MaxListed, list.Count);
        Assert.All(list.Take(AccountKeys.MaxKeys), key => Assert.Equal(JsonValueKind.Null, key.GetProperty("expires_at").ValueKind));
        await person.Session.PostAsJsonAsync($"/api-keys/{list[0].Text("id")}/rotate", new { overlap_seconds = 60 }).JsonAsync(409);
        await person.Session.PostAsJsonAsync($"/api-keys/{list[0].Text("id")}/rotate", new { overlap_seconds = 0 }).JsonAsync();
    }

    private static IEnumerable<string?> Texts(JsonElement key, string name) => key.GetProperty(name).EnumerateArray().Select(text => text.GetString());
}
