using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>What a server sees of Clerk: an address that gives the keys of its tokens, tokens, and signed messages.</summary>
internal sealed class ClerkInstance : IAsyncDisposable
{
    private const string KeyId = "ins_test";

    private readonly RSA _key = RSA.Create(2048);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    private ClerkInstance(int port)
    {
        Issuer = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add($"{Issuer}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Issuer { get; }

    /// <summary>The server's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["CLERK_ISSUER"] = Issuer,
        ["CLERK_SECRET_KEY"] = "sk_test_0123456789abcdef0123456789abcdef",
        ["CLERK_PUBLISHABLE_KEY"] = "pk_test_" + Convert.ToBase64String("127.0.0.1$"u8),
        ["CLERK_WEBHOOK_SECRET"] = "whsec_" + Convert.ToBase64String(_secret),
        ["CLERK_API_URL"] = Issuer,
    };

    public static ClerkInstance Start()
    {
        // A free port, taken at once by us.
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return new ClerkInstance(port);
    }

    /// <summary>A session token as Clerk's script keeps it in the cookie.</summary>
    public string Token(string user)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId };
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["sub"] = user, ["sid"] = "sess_1", ["iat"] = now, ["nbf"] = now - 5, ["exp"] = now + 60,
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Tells a server of something, as Clerk's webhooks do.</summary>
    public async Task TellAsync(ServerProcess server, JsonObject message)
    {
        var body = message.ToJsonString();
        var id = $"msg_{Guid.NewGuid():N}";
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using var http = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "webhooks/clerk") { Content = ApiClient.JsonContent(body) };
        request.Headers.Add("svix-id", id);
        request.Headers.Add("svix-timestamp", $"{at}");
        request.Headers.Add(
            "svix-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{id}.{at}.{body}"))));
        using var answer = await http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The message that somebody with a verified address has signed up there.</summary>
    public static JsonObject UserCreated(string id, string email) => new()
    {
        ["object"] = "event",
        ["type"] = "user.created",
        ["data"] = new JsonObject
        {
            ["id"] = id,
            ["object"] = "user",
            ["first_name"] = "Ada",
            ["primary_email_address_id"] = "idn_1",
            ["email_addresses"] = new JsonArray(new JsonObject
            {
                ["id"] = "idn_1", ["email_address"] = email, ["verification"] = new JsonObject { ["status"] = "verified" },
            }),
            ["created_at"] = 1_700_000_000_000,
            ["updated_at"] = 1_700_000_000_000,
        },
    };

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
        _key.Dispose();
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var isKeys = context.Request.Url!.AbsolutePath == "/.well-known/jwks.json";
            context.Response.StatusCode = isKeys ? 200 : 404;
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(isKeys ? Keys() : "{}"u8.ToArray());
            context.Response.Close();
        }
    }

    private byte[] Keys()
    {
        var key = _key.ExportParameters(false);
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            keys = new[]
            {
                new { kty = "RSA", use = "sig", alg = "RS256", kid = KeyId, n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) },
            },
        });
    }
}
