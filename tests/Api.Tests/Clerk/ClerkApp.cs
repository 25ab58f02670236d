using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.Api.Clerk;

namespace LlmObserve.Api.Tests.Clerk;

/// <summary>The API with Clerk configured: an instance of this machine serves its keys and users, and sends messages.</summary>
public sealed class ClerkApp : AppFixture
{
    public const string Party = "https://app.example.com";

    private static readonly byte[] s_secret = RandomNumberGenerator.GetBytes(24);
    private static int s_ids;

    private readonly RSA _key = RSA.Create(2048);

    internal ClerkServer Clerk { get; private set; } = null!;

    protected override IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        [ClerkOptions.SecretKeyVariable] = "sk_test_a",
        [ClerkOptions.PublishableKeyVariable] = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
        [ClerkOptions.IssuerVariable] = Clerk.Url,
        [ClerkOptions.WebhookSecretVariable] = StandardWebhooks.SecretPrefix + Convert.ToBase64String(s_secret),
        [ClerkOptions.AuthorizedPartiesVariable] = Party,
        [ClerkOptions.ApiUrlVariable] = Clerk.Url,
    };

    /// <summary>An id that nobody else has.</summary>
    public static string Id(string prefix) => $"{prefix}2{Interlocked.Increment(ref s_ids):x8}{RandomNumberGenerator.GetHexString(8)}";

    public override async Task InitializeAsync()
    {
        Clerk = await ClerkServer.StartAsync();
        Clerk.Keys = ClerkServer.KeySet(("ins_2key", _key));
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Clerk.DisposeAsync();
        _key.Dispose();
    }

    /// <summary>A session token of the instance.</summary>
    public string Token(string user, string? organization = null, Action<JsonObject>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Clerk.Url, ["sub"] = user, ["sid"] = "sess_2a", ["azp"] = Party, ["iat"] = now, ["nbf"] = now - 5, ["exp"] = now + 60, ["v"] = 2,
        };
        if (organization is not null)
        {
            claims["o"] = new JsonObject { ["id"] = organization, ["rol"] = "admin", ["slg"] = "acme" };
        }

        change?.Invoke(claims);
        var signed = $"{Encode("""{"alg":"RS256","kid":"ins_2key","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";

        static string Encode(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>A client that is signed in at Clerk.</summary>
    public HttpClient SignedIn(string user, string? organization = null) => With(Token(user, organization));

    /// <summary>A message of the instance, signed; ready to be sent once.</summary>
    public HttpRequestMessage Message(string body, string? id = null, Action<HttpRequestHeaders>? change = null)
    {
        id ??= Id("msg_");
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(s_secret, Encoding.UTF8.GetBytes($"{id}.{at}.{body}")));
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, "/webhooks/clerk"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("svix-id", id);
        request.Headers.Add("svix-timestamp", at);
        request.Headers.Add("svix-signature", $"v1,{signature}");
        change?.Invoke(request.Headers);
        return request;
    }

    /// <summary>Sends a message, and looks at the answer's status.</summary>
    public Task<JsonElement> TellAsync(string body, string? id = null, int status = 200) => Anyone.SendAsync(Message(body, id)).JsonAsync(status);

    /// <summary>Who this is, as the API says.</summary>
    public async Task<JsonElement> MeAsync(string user, string? organization = null, int status = 200)
    {
        using var client = SignedIn(user, organization);
        return await client.GetAsync("/clerk/api-keys/me").JsonAsync(status);
    }
}

/// <summary>Messages as Clerk writes them.</summary>
internal static class ClerkMessages
{
    public static string User(string what, string id, long version, string? email = null, string? first = "Ada") => Event($"user.{what}", new JsonObject
    {
        ["id"] = id,
        ["object"] = "user",
        ["first_name"] = first,
        ["last_name"] = "Lovelace",
        ["primary_email_address_id"] = "idn_1",
        ["email_addresses"] = new JsonArray(new JsonObject
        {
            ["id"] = "idn_1",
            ["email_address"] = email ?? $"{id}@example.com",
            ["verification"] = new JsonObject { ["status"] = "verified" },
        }),
        ["created_at"] = 1,
        ["updated_at"] = version,
    });

    public static string Organization(string what, string id, long version, string name = "Acme", string? creator = null) =>
        Event($"organization.{what}", OrganizationObject(id, version, name, creator));

    public static string Membership(
        string what, string id, long version, string organization, string user, string role = "org:member", long createdAt = 1) =>
        Event($"organizationMembership.{what}", new JsonObject
        {
            ["id"] = id,
            ["object"] = "organization_membership",
            ["role"] = role,
            ["organization"] = OrganizationObject(organization, 1, "Acme", null),
            ["public_user_data"] = new JsonObject { ["user_id"] = user, ["identifier"] = $"{user}@example.com", ["first_name"] = "Ada", ["last_name"] = null },
            ["created_at"] = createdAt,
            ["updated_at"] = version,
        });

    /// <summary>Of a user or an organization; that of a membership has all its fields.</summary>
    public static string Deleted(string kind, string id) =>
        Event($"{kind}.deleted", new JsonObject { ["id"] = id, ["object"] = kind, ["deleted"] = true });

    private static JsonObject OrganizationObject(string id, long version, string name, string? creator)
    {
        var organization = new JsonObject
        {
            ["id"] = id, ["object"] = "organization", ["name"] = name, ["slug"] = "acme", ["created_at"] = 1, ["updated_at"] = version,
        };
        if (creator is not null)
        {
            organization["created_by"] = creator;
        }

        return organization;
    }

    private static string Event(string type, JsonObject data) => new JsonObject
    {
        ["data"] = data, ["object"] = "event", ["type"] = type, ["timestamp"] = 1_714_000_000_000, ["instance_id"] = "ins_2a",
    }.ToJsonString();
}
