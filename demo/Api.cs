using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.Demo;

/// <summary>The server refused something that the demo needs; the message is a sentence.</summary>
internal sealed class DemoException(string message) : Exception(message);

/// <summary>The server's public API, as far as the demo uses it.</summary>
internal sealed class Api(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };
    private string _token = "";

    /// <summary>The account's API key, after <see cref="SignUpAsync"/>.</summary>
    public string Key { get; private set; } = "";

    public async Task SignUpAsync(string email, string password, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(
            HttpMethod.Post, "/auth/signup", "", new JsonObject { ["email"] = email, ["password"] = password, ["name"] = "Demo" }, cancellationToken);
        _token = (string)answer!["token"]!;
        Key = (string)answer["api_key"]!["key"]!;
    }

    public Task CreateCapAsync(JsonObject cap, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "/caps/", _token, cap, cancellationToken);

    public async Task<JsonArray> GetCapsAsync(CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, "/caps/", _token, null, cancellationToken))!.AsArray();

    /// <summary>What an SDK asks before it lets a call through.</summary>
    public async Task<JsonNode> CheckAsync(Recording call, string customer, string agent, CancellationToken cancellationToken)
    {
        var query = $"provider={call.Provider}&customer_id={customer}&agent={agent}" + (call.Model is null ? "" : $"&model={call.Model}");
        return (await SendAsync(HttpMethod.Get, $"/caps/check?{query}", Key, null, cancellationToken))!;
    }

    public async Task<JsonNode> SendEventsAsync(JsonArray events, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Post, "/events/", Key, events, cancellationToken))!;

    public async Task<JsonArray> GetStatsAsync(string by, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, $"/stats/by-{by}?hours=24", _token, null, cancellationToken))!["items"]!.AsArray();

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, string bearer, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (bearer.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        request.Content = body is null ? null : JsonContent.Create(body);
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw new DemoException($"{method} {path} was answered {(int)answer.StatusCode}: {await DetailAsync(answer, cancellationToken)}");
            }

            return answer.StatusCode == HttpStatusCode.NoContent ? null : await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        }
        catch (HttpRequestException failed)
        {
            throw new DemoException(
                $"No server answers on {address.GetLeftPart(UriPartial.Authority)} ({failed.Message}). Start one with ./dev run, or name its address with --url.");
        }
    }

    private static async Task<string> DetailAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return (string?)JsonNode.Parse(text)?["detail"] ?? text;
        }
        catch (System.Text.Json.JsonException)
        {
            return text.Length > 0 ? text : "no explanation";
        }
    }

    public void Dispose() => _http.Dispose();
}
