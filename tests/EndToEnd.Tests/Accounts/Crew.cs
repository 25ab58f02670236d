using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>An account with somebody in each role, keys of each scope, and credentials that have had their day.</summary>
internal sealed class Crew : IDisposable
{
    private readonly RunningServer _running;
    private readonly Dictionary<string, ApiClient> _people = [];

    private Crew(RunningServer running) => _running = running;

    /// <summary>The account's id.</summary>
    public string AccountId { get; private set; } = "";

    /// <summary>A key for each scope alone.</summary>
    public Dictionary<string, string> Keys { get; } = [];

    /// <summary>Credentials that open nothing any more, and the code that says why.</summary>
    public Dictionary<string, string> Spent { get; } = [];

    public ApiClient Owner => _people["owner"];

    public static async Task<Crew> GatherAsync(RunningServer running)
    {
        var crew = new Crew(running);
        var owner = await ApiClient.SignUpAsync(running.Server, "owner");
        crew._people["owner"] = owner;
        crew.AccountId = Claim(owner.Account.Token, "acct");
        foreach (var role in new[] { "viewer", "member", "admin", "gone" })
        {
            crew._people[role] = await ApiClient.SignUpAsync(running.Server, role);
            await crew.JoinAsync(role);
        }

        foreach (var scope in new[] { "ingest", "check", "read", "manage" })
        {
            crew.Keys[scope] = (await crew.MakeKeyAsync(scope)).Key;
        }

        await crew.SpendAsync();
        return crew;
    }

    /// <summary>A token of the account for somebody of this role, of a session of its own.</summary>
    public async Task<string> SignInAsync(string role)
    {
        var person = _people[role];
        var signedIn = await person.SendAsync(
            HttpMethod.Post, "auth/login", null, ApiClient.JsonContent(new JsonObject { ["email"] = person.Account.Email, ["password"] = person.Account.Password }.ToJsonString()));
        var token = signedIn.Expect(HttpStatusCode.OK).GetProperty("token").GetString()!;
        var switched = await person.SendAsync(
            HttpMethod.Post, "auth/switch", token, ApiClient.JsonContent(new JsonObject { ["tenant_id"] = AccountId }.ToJsonString()));
        return switched.Expect(HttpStatusCode.OK).GetProperty("token").GetString()!;
    }

    public void Dispose()
    {
        foreach (var person in _people.Values)
        {
            person.Dispose();
        }
    }

    public static string Claim(string token, string name) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement.GetProperty(name).GetString()!;

    private async Task JoinAsync(string role)
    {
        var person = _people[role];
        (await Owner.SendAsync(
            HttpMethod.Post,
            $"tenants/{AccountId}/invitations",
            new JsonObject { ["email"] = person.Account.Email, ["role"] = role == "gone" ? "viewer" : role })).Expect(HttpStatusCode.OK);
        var link = await new Mailbox(_running.Folder).LinkAsync(person.Account.Email, "/invitation");
        (await person.SendAsync(HttpMethod.Post, "invitations/accept", new JsonObject { ["token"] = link.Query["?token=".Length..] })).Expect(HttpStatusCode.OK);
    }

    private async Task<(string Id, string Key)> MakeKeyAsync(string scope)
    {
        var made = (await Owner.SendAsync(HttpMethod.Post, "api-keys", new JsonObject { ["name"] = scope, ["scopes"] = new JsonArray(scope) }))
            .Expect(HttpStatusCode.OK);
        return (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
    }

    private async Task SpendAsync()
    {
        var revoked = await MakeKeyAsync("read");
        (await Owner.SendAsync(HttpMethod.Delete, $"api-keys/{revoked.Id}")).Expect(HttpStatusCode.OK);
        Spent[revoked.Key] = "unknown-key";

        // Rotated without an overlap: the old key's time is over.
        var rotated = await MakeKeyAsync("read");
        (await Owner.SendAsync(HttpMethod.Post, $"api-keys/{rotated.Id}/rotate", new JsonObject { ["overlap_seconds"] = 0 })).Expect(HttpStatusCode.OK);
        Spent[rotated.Key] = "expired-key";

        Spent[await ExpiredAsync(Owner.Account.Token)] = "expired-session";

        var ended = await SignInAsync("owner");
        Assert.Equal(HttpStatusCode.NoContent, (await Owner.SendAsync(HttpMethod.Post, "auth/logout", ended, null)).Status);
        Spent[ended] = "ended-session";

        var removed = await SignInAsync("gone");
        var id = Claim(removed, "sub");
        (await Owner.SendAsync(HttpMethod.Delete, $"tenants/{AccountId}/members/{id}")).Expect(HttpStatusCode.OK);
        Spent[removed] = "not-a-member";

        Spent["llmo_sk_0000000000000000000000000000000000000000000"] = "mistyped-key";
        Spent["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."] = "invalid-session";
    }

    /// <summary>The token as it would be a day later: signed with the server's own key.</summary>
    private async Task<string> ExpiredAsync(string token)
    {
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();
        claims["iat"] = (long)claims["iat"]! - 86_400;
        claims["exp"] = (long)claims["exp"]! - 86_400;
        var signed = $"{token.Split('.')[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var secret = Convert.FromHexString((await File.ReadAllTextAsync(Path.Combine(_running.Folder.Data, "signing.key"))).Trim());
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(signed)))}";
    }
}
