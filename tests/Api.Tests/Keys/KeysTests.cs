using System.Net.Http.Json;

namespace LlmObserve.Api.Tests.Keys;

public sealed class KeysTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Create_WithNameAndScopes_ShowsTheKeyOnce()
    {
        using var person = await app.SignUpAsync();

        var made = await person.Session.PostAsJsonAsync("/api-keys", new { name = "CI", scopes = new[] { "read", "manage" } }).JsonAsync();
        var list = await person.Session.GetAsync("/api-keys/").JsonAsync();

        Assert.StartsWith("llmo_sk_", made.Text("key"), StringComparison.Ordinal);
        Assert.Equal("CI", made.Text("name"));
        Assert.Equal(["CI", "Default API key"], list.EnumerateArray().Select(key => key.Text("name")));
        Assert.DoesNotContain(made.Text("key"), list.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["read", "manage"], list[0].GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
    }

    [Fact]
    public async Task Create_UnderTheOlderPath_TakesTheNameFromTheQuery()
    {
        using var person = await app.SignUpAsync();

        var made = await person.Session.PostAsync("/auth/api-keys?name=laptop", null).JsonAsync();
        using var sdk = app.With(made.Text("key"));

        Assert.Equal("laptop", made.Text("name"));
        await sdk.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(201);
    }

    [Fact]
    public async Task Create_WithFaults_NamesThemAll()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.Session.PostAsJsonAsync("/api-keys", new { name = new string('x', 101), scopes = new[] { "ingest", "root" } }).JsonAsync(422);

        Assert.Equal(["name", "scopes[1]"], problem.GetProperty("errors").EnumerateArray().Select(fault => fault.Text("path")));
    }

    [Theory]
    [InlineData("/api-keys/")]
    [InlineData("/auth/api-keys/")]
    public async Task Revoke_KeyInUse_ClosesItAtOnce(string path)
    {
        using var person = await app.SignUpAsync();
        await person.Sdk.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(201);
        var id = (await person.Session.GetAsync("/api-keys").JsonAsync())[0].Text("id");

        await person.Session.DeleteAsync(path + id).JsonAsync();

        Assert.Equal("unknown-key", (await person.Sdk.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(401)).Text("code"));
        await person.Session.DeleteAsync(path + id).JsonAsync(404);
    }

    [Fact]
    public async Task Revoke_KeyOfAnotherAccount_LooksLikeNone()
    {
        using var owner = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var id = (await owner.Session.GetAsync("/api-keys").JsonAsync())[0].Text("id");

        var problem = await other.Session.DeleteAsync("/api-keys/" + id).JsonAsync(404);
        var nothing = await other.Session.DeleteAsync("/api-keys/" + Guid.NewGuid().ToString("N")).JsonAsync(404);

        Assert.Equal(nothing.GetRawText(), problem.GetRawText());
        await owner.Sdk.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(201);
        Assert.DoesNotContain(id, (await other.Session.GetAsync("/api-keys").JsonAsync()).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llmo_sk_short", "mistyped-key")]
    [InlineData("llmo_sk_4tPzT0mAb5bDqW1nYc8eXf2gRh7jUk9l0hV3Zq", "mistyped-key")]
    [InlineData("sk-of-somebody-else", "invalid-session")]
    public async Task Use_WhatIsNoKey_SaysWhatIsWrong(string token, string code)
    {
        using var client = app.With(token);

        Assert.Equal(code, (await client.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(401)).Text("code"));
    }

    [Fact]
    public async Task Use_WellFormedButUnknownKey_IsRefused()
    {
        using var client = app.With(LlmObserve.Domain.Keys.ApiKeyText.Generate().Reveal());

        Assert.Equal("unknown-key", (await client.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(401)).Text("code"));
    }

    [Fact]
    public async Task Use_KeyWithoutTheScope_IsForbidden()
    {
        using var person = await app.SignUpAsync();
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { scopes = new[] { "read" } }).JsonAsync();
        using var client = app.With(made.Text("key"));

        Assert.Equal("missing-scope", (await client.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(403)).Text("code"));
        Assert.Equal("key-needed", (await person.Session.PostAsJsonAsync("/events/", Array.Empty<int>()).JsonAsync(403)).Text("code"));
    }
}
