using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.Testing;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>What a sign-up gave.</summary>
internal sealed record Account(string Email, string Password, string Token, string Key);

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The answer's JSON, where the status is <paramref name="expected"/>.</summary>
    public JsonElement Expect(HttpStatusCode expected)
    {
        Assert.True(Status == expected, $"{(int)Status} instead of {(int)expected}: {Body}");
        return Json;
    }
}

/// <summary>One account's view of one server, over HTTP.</summary>
internal sealed class ApiClient(ServerProcess server, Account account) : IDisposable
{
    private readonly HttpClient _http = server.Client();

    public Account Account => account;

    /// <summary>Makes an account and gives its client.</summary>
    public static async Task<ApiClient> SignUpAsync(ServerProcess server, string name = "owner")
    {
        using var http = server.Client();
        var email = $"{name}-{Guid.NewGuid():N}@example.com";
        const string Password = "correct horse battery staple";
        using var response = await http.PostAsync(
            "auth/signup", JsonContent(new JsonObject { ["email"] = email, ["password"] = Password, ["name"] = name }.ToJsonString()));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"Sign-up answered {(int)response.StatusCode}: {body}");
        var answer = JsonDocument.Parse(body).RootElement;
        return new ApiClient(server, new Account(
            email, Password, answer.GetProperty("token").GetString()!, answer.GetProperty("api_key").GetProperty("key").GetString()!));
    }

    /// <summary>The same account on another server process.</summary>
    public ApiClient On(ServerProcess other) => new(other, account);

    /// <summary>Asks as the signed-in user.</summary>
    public Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body = null) =>
        SendAsync(method, path, account.Token, body is null ? null : JsonContent(body.ToJsonString()));

    /// <summary>Asks as the program that holds the key.</summary>
    public Task<Answer> SendWithKeyAsync(HttpMethod method, string path, JsonNode? body = null) =>
        SendAsync(method, path, account.Key, body is null ? null : JsonContent(body.ToJsonString()));

    /// <summary>Reads as the signed-in user.</summary>
    public async Task<JsonElement> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path)).Expect(HttpStatusCode.OK);

    /// <summary>Sends events as an SDK does.</summary>
    public Task<Answer> PostEventsAsync(IEnumerable<JsonObject> events) =>
        PostEventsAsync(JsonContent($"[{string.Join(',', events.Select(e => e.ToJsonString()))}]"));

    /// <summary>Sends whatever body.</summary>
    public Task<Answer> PostEventsAsync(HttpContent body) => SendAsync(HttpMethod.Post, "events/", account.Key, body);

    /// <summary>Asks whether a call may be made.</summary>
    public async Task<JsonElement> CheckAsync(string labels = "") =>
        (await SendWithKeyAsync(HttpMethod.Get, $"caps/check?{labels}")).Expect(HttpStatusCode.OK);

    /// <summary>Asks whether a call may be made, and for a hold of the most that it may cost.</summary>
    public Task<Answer> AskAsync(JsonObject ask, string? key = null) =>
        SendAsync(HttpMethod.Post, "caps/check", account.Key, JsonContent(ask.ToJsonString()), idempotencyKey: key);

    /// <summary>Makes a cap, and gives its id.</summary>
    public async Task<string> CreateCapAsync(
        string type, string? target, decimal limit, string period = "monthly", string enforcement = "hard_block")
    {
        var answer = await SendAsync(HttpMethod.Post, "caps/", new JsonObject
        {
            ["cap_type"] = type,
            ["target_name"] = target,
            ["limit_amount"] = limit,
            ["period"] = period,
            ["enforcement"] = enforcement,
        });
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{(int)answer.Status}: {answer.Body}");
        return answer.Json.GetProperty("id").GetString()!;
    }

    /// <summary>All caps.</summary>
    public async Task<JsonElement[]> CapsAsync() => [.. (await GetAsync("caps/")).EnumerateArray()];

    /// <summary>Opens a stream of changes.</summary>
    public async Task<ServerSentEvents> LiveAsync(string? bearer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "live");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer ?? account.Token);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new ServerSentEvents(await response.Content.ReadAsStreamAsync());
    }

    public void Dispose() => _http.Dispose();

    public static StringContent JsonContent(string json) => new(json, Encoding.UTF8, "application/json");

    /// <summary>Sends whatever, as whoever.</summary>
    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? bearer, HttpContent? body, bool asksFirst = false, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        request.Headers.ExpectContinue = asksFirst;
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        // A stream does not end by itself: its first event is all that there is to it.
        var isStream = response.Content.Headers.ContentType?.MediaType == ServerSentEvents.ContentType;
        using var stream = isStream ? new ServerSentEvents(await response.Content.ReadAsStreamAsync()) : null;
        return new Answer(response.StatusCode, stream is null ? await response.Content.ReadAsStringAsync() : (await stream.NextAsync())!.Data, response.Headers);
    }
}
