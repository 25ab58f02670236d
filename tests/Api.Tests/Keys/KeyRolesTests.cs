using System.Net.Http.Json;

namespace LlmObserve.Api.Tests.Keys;

/// <summary>Who may see and change whose keys.</summary>
public sealed class KeyRolesTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Viewer_OfAnAccount_SeesAndChangesNoKeys()
    {
        using var owner = await app.SignUpAsync();
        using var person = await app.SignUpAsync();
        using var viewer = await app.JoinAsync(person, owner, "viewer");
        var id = (await owner.GetAsync("/api-keys"))[0].Text("id");

        await viewer.GetAsync("/api-keys").JsonAsync(403);
        await viewer.PostAsJsonAsync("/api-keys", new { }).JsonAsync(403);
        await viewer.PatchAsJsonAsync($"/api-keys/{id}", new { }).JsonAsync(403);
        await viewer.PostAsJsonAsync($"/api-keys/{id}/rotate", new { }).JsonAsync(403);
        await viewer.DeleteAsync($"/api-keys/{id}").JsonAsync(403);
        Assert.Equal(0, (await viewer.GetAsync("/auth/me").JsonAsync()).GetProperty("api_keys").GetArrayLength());
    }

    [Fact]
    public async Task Member_OfAnAccount_ChangesOnlyKeysOfTheirOwn()
    {
        using var owner = await app.SignUpAsync();
        using var person = await app.SignUpAsync();
        using var member = await app.JoinAsync(person, owner, "member");
        var own = await member.PostAsJsonAsync("/api-keys", new { name = "mine", scopes = new[] { "manage" } }).JsonAsync();

        var keys = await member.GetAsync("/api-keys").JsonAsync();
        var theirs = keys[1].Text("id");

        Assert.Equal([person.Email, owner.Email], keys.EnumerateArray().Select(key => key.GetProperty("created_by").Text("email")));
        Assert.Equal("key-of-another", (await member.PatchAsJsonAsync($"/api-keys/{theirs}", new { name = "x" }).JsonAsync(403)).Text("code"));
        Assert.Equal("key-of-another", (await member.PostAsJsonAsync($"/api-keys/{theirs}/rotate", new { }).JsonAsync(403)).Text("code"));
        Assert.Equal("key-of-another", (await member.DeleteAsync($"/api-keys/{theirs}").JsonAsync(403)).Text("code"));
        Assert.Equal("key-of-another", (await member.DeleteAsync($"/auth/api-keys/{theirs}").JsonAsync(403)).Text("code"));
        await owner.SendAsync(TestEvents.Make("1"));
        await member.PatchAsJsonAsync($"/api-keys/{own.Text("id")}", new { name = "ours" }).JsonAsync();
        await member.DeleteAsync($"/api-keys/{own.Text("id")}").JsonAsync();
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("owner")]
    public async Task Admin_OfAnAccount_ChangesEveryonesKeys(string role)
    {
        using var owner = await app.SignUpAsync();
        using var person = await app.SignUpAsync();
        using var admin = await app.JoinAsync(person, owner, role);
        var theirs = (await admin.GetAsync("/api-keys").JsonAsync())[0].Text("id");

        var rotated = await admin.PostAsJsonAsync($"/api-keys/{theirs}/rotate", new { }).JsonAsync();
        await admin.DeleteAsync($"/api-keys/{theirs}").JsonAsync();

        var left = Assert.Single((await owner.GetAsync("/api-keys")).EnumerateArray());
        Assert.Equal((rotated.Text("id"), person.Email), (left.Text("id"), left.GetProperty("created_by").Text("email")));
    }
}
