using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace LlmObserve.Api.Tests.Keys;

public sealed class KeyRotationTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Rotate_WithAnOverlap_LetsBothWork()
    {
        using var person = await app.SignUpAsync();
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { name = "worker", scopes = new[] { "ingest" }, allowed_ips = new[] { "127.0.0.1", "::1" } }).JsonAsync();

        var rotated = await person.Session.PostAsJsonAsync($"/api-keys/{made.Text("id")}/rotate", new { overlap_seconds = 3600 }).JsonAsync();
        using var older = app.With(made.Text("key"));
        using var newer = app.With(rotated.Text("key"));

        await older.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(201);
        await newer.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(201);
        Assert.NotEqual(made.Text("key"), rotated.Text("key"));
        var list = (await person.GetAsync("/api-keys")).EnumerateArray().ToDictionary(key => key.Text("id"));
        var (before, after) = (list[made.Text("id")], list[rotated.Text("id")]);
        Assert.Equal(rotated.Text("id"), before.Text("rotated_to"));
        Assert.Equal(before.GetRawText(), rotated.GetProperty("replaces").GetRawText());
        Assert.Equal(TimeSpan.FromHours(1), before.GetProperty("expires_at").GetDateTimeOffset() - rotated.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, after.GetProperty("expires_at").ValueKind);
        foreach (var same in (string[])["name", "scopes", "allowed_ips", "created_by"])
        {
            Assert.Equal(before.GetProperty(same).GetRawText(), after.GetProperty(same).GetRawText());
        }
    }

    [Fact]
    public async Task Rotate_WithoutAnOverlap_EndsTheOldOneAtOnce()
    {
        using var person = await app.SignUpAsync();
        await person.SendAsync(TestEvents.Make("1"));
        var id = (await person.GetAsync("/api-keys"))[0].Text("id");

        var rotated = await person.Session.PostAsJsonAsync($"/api-keys/{id}/rotate", new { overlap_seconds = 0 }).JsonAsync();

        Assert.Equal("expired-key", (await person.Sdk.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(401)).Text("code"));
        using var newer = app.With(rotated.Text("key"));
        await newer.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(201);
        await person.Session.DeleteAsync($"/api-keys/{id}").JsonAsync();
        Assert.Equal("unknown-key", (await person.Sdk.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(401)).Text("code"));
    }

    [Fact]
    public async Task Rotate_WithoutABody_TakesADayOrTheEndOfTheKey()
    {
        using var person = await app.SignUpAsync();
        var soon = TimeProvider.System.GetUtcNow().AddHours(2);
        var ending = await person.Session.PostAsJsonAsync("/api-keys", new { expires_at = soon.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") }).JsonAsync();
        var endless = await person.Session.PostAsJsonAsync("/api-keys", new { }).JsonAsync();

        var one = await person.Session.PostAsync($"/api-keys/{ending.Text("id")}/rotate", null).JsonAsync();
        var two = await person.Session.PostAsync($"/api-keys/{endless.Text("id")}/rotate", null).JsonAsync();

        Assert.Equal(ending.Text("expires_at"), one.Text("expires_at"));
        Assert.Equal(ending.Text("expires_at"), one.GetProperty("replaces").Text("expires_at"));
        Assert.Equal(
            TimeSpan.FromDays(1),
            two.GetProperty("replaces").GetProperty("expires_at").GetDateTimeOffset() - two.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, two.GetProperty("expires_at").ValueKind);
    }

    [Fact]
    public async Task Rotate_ManyAtOnce_MakesOneSuccessor()
    {
        using var person = await app.SignUpAsync();
        var id = (await person.GetAsync("/api-keys"))[0].Text("id");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var response = await person.Session.PostAsJsonAsync($"/api-keys/{id}/rotate", new { });
            var body = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
            return ((int)response.StatusCode, body.TryGetProperty("code", out var code) ? code.GetString() : null);
        }));

        Assert.Single(answers, answer => answer == (200, null));
        Assert.Equal(7, answers.Count(answer => answer == (409, "already-rotated")));
        Assert.Equal(2, (await person.GetAsync("/api-keys")).GetArrayLength());
    }

    [Fact]
    public async Task Rotate_WhatCannotBe_SaysWhy()
    {
        using var person = await app.SignUpAsync();
        var id = (await person.GetAsync("/api-keys"))[0].Text("id");

        var problem = await person.Session.PostAsJsonAsync($"/api-keys/{id}/rotate", new { overlap_seconds = 2_592_001 }).JsonAsync(422);
        Assert.Equal([("overlap_seconds", "out-of-range")], problem.Faults());
        await person.Session.PostAsJsonAsync($"/api-keys/{Guid.NewGuid():N}/rotate", new { }).JsonAsync(404);

        // The old one: it ends within a month, whatever it is told, and takes no second successor; expired, it takes none either.
        await person.Session.PostAsJsonAsync($"/api-keys/{id}/rotate", new { overlap_seconds = 60 }).JsonAsync();
        using var endless = new StringContent("""{"expires_at":null}""", null, "application/json");
        Assert.Equal([("expires_at", "out-of-range")], (await person.Session.PatchAsync($"/api-keys/{id}", endless).JsonAsync(422)).Faults());
        var later = TimeProvider.System.GetUtcNow().AddDays(7).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        await person.Session.PatchAsJsonAsync($"/api-keys/{id}", new { expires_at = later }).JsonAsync();

        var other = await person.Session.PostAsJsonAsync("/api-keys", new { }).JsonAsync();
        await using (var expire = app.Database.CreateCommand("UPDATE api_keys SET expires_at = now() WHERE id = $1"))
        {
            expire.Parameters.Add(new() { Value = Guid.Parse(other.Text("id")) });
            await expire.ExecuteNonQueryAsync();
        }

        Assert.Equal("expired-key", (await person.Session.PostAsJsonAsync($"/api-keys/{other.Text("id")}/rotate", new { }).JsonAsync(409)).Text("code"));
        await person.Session.PatchAsJsonAsync($"/api-keys/{other.Text("id")}", new { expires_at = later }).JsonAsync();
        using var revived = app.With(other.Text("key"));
        await revived.PostAsJsonAsync("/events", Array.Empty<int>()).JsonAsync(201);
    }

    [Fact]
    public async Task EveryChange_OfKeys_IsInTheAuditLogWithoutTheirTexts()
    {
        using var person = await app.SignUpAsync();
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { name = "audited" }).JsonAsync();
        var id = made.Text("id");
        await person.Session.PatchAsJsonAsync($"/api-keys/{id}", new { scopes = new[] { "read" } }).JsonAsync();
        await person.Session.PatchAsJsonAsync($"/api-keys/{id}", new { scopes = new[] { "read" } }).JsonAsync();
        var rotated = await person.Session.PostAsJsonAsync($"/api-keys/{id}/rotate", new { }).JsonAsync();
        await person.Session.DeleteAsync($"/api-keys/{id}").JsonAsync();

        var entries = await AuditAsync(person.Email);

        Assert.Equal(
            [("key.created", "Default API key"), ("key.created", "audited"), ("key.updated", "audited"), ("key.created", "audited"), ("key.rotated", "audited"), ("key.revoked", "audited")],
            entries.Select(entry => (entry.Action, entry.Name)));
        var all = string.Concat(entries.Select(entry => entry.Before + entry.After));
        Assert.Equal("""{"scopes": ["ingest", "check"]}|{"scopes": ["read"]}""", $"{entries[2].Before}|{entries[2].After}");
        Assert.Contains(rotated.Text("id"), entries[4].After, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Text("key"), all, StringComparison.Ordinal);
        Assert.DoesNotContain(rotated.Text("key"), all, StringComparison.Ordinal);
    }

    private async Task<List<(string Action, string Name, string Before, string After)>> AuditAsync(string email)
    {
        await using var command = app.Database.CreateCommand(
            """
            SELECT action, object_name, coalesce(before::text, ''), coalesce(after::text, '') FROM audit_log
            WHERE actor_name = $1 AND object_kind = 'key' ORDER BY at, action
            """);
        command.Parameters.Add(new() { Value = email });
        await using var reader = await command.ExecuteReaderAsync();
        var entries = new List<(string, string, string, string)>();
        while (await reader.ReadAsync())
        {
            entries.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        }

        return entries;
    }
}
