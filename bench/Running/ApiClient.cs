using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmObserve.Bench.Running;

/// <summary>Speaks to the server as a user's program would.</summary>
internal sealed class ApiClient : IDisposable
{
    // A benchmark's slowest answer by far; beyond it, something hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;

    public ApiClient(Uri address)
    {
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256, UseCookies = false, UseProxy = false })
        {
            BaseAddress = address,
            Timeout = s_patience,
        };
    }

    /// <summary>Signs up; from then on requests carry the session.</summary>
    /// <returns>The account's API key.</returns>
    public async Task<string> SignUpAsync(CancellationToken cancellationToken) => (await SignUpWithSessionAsync(cancellationToken)).Key;

    /// <inheritdoc cref="SignUpAsync"/>
    public async Task<(string Key, string Session)> SignUpWithSessionAsync(CancellationToken cancellationToken)
    {
        var answer = await PostAsync(
            "/auth/signup", new { email = $"bench-{Guid.NewGuid():N}@example.com", password = "measured with some patience" }, cancellationToken);
        var session = answer.GetProperty("token").GetString()!;
        Authorize(session);
        return (answer.GetProperty("api_key").GetProperty("key").GetString()!, session);
    }

    public void Authorize(string bearer) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);

    public async Task<JsonElement> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(path, body, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    public async Task<JsonElement> PostAsync(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _http.PostAsync(path, content, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(path, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var text = System.Text.Encoding.UTF8.GetString(body);
            throw new InvalidOperationException(
                $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.PathAndQuery}: {(int)response.StatusCode} {text}");
        }

        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }
}
