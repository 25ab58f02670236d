using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Api;

/// <summary>
/// Asks the API on behalf of the person whose browser asks for a page: with their token, from their address. What they may do is decided there.
/// </summary>
internal sealed class ApiClient(HttpClient http, IHttpContextAccessor accessor)
{
    /// <summary>A person waits for the page; hashing a password behind others takes a second or two.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>What an answer without a body says.</summary>
    private static readonly JsonElement s_nothing = JsonElement.Parse("{}");

    public Task<ApiAnswer<T>> GetAsync<T>(string path)
        where T : class => SendAsync<T>(HttpMethod.Get, path, null, null);

    /// <summary>For a token whose owner is not known yet.</summary>
    public Task<ApiAnswer<T>> GetAsync<T>(string path, string token)
        where T : class => SendAsync<T>(HttpMethod.Get, path, null, token);

    public Task<ApiAnswer<T>> PostAsync<T>(string path, object? body = null)
        where T : class => SendAsync<T>(HttpMethod.Post, path, body, null);

    public Task<ApiAnswer<T>> PutAsync<T>(string path, object body)
        where T : class => SendAsync<T>(HttpMethod.Put, path, body, null);

    public Task<ApiAnswer<T>> PatchAsync<T>(string path, object body)
        where T : class => SendAsync<T>(HttpMethod.Patch, path, body, null);

    public Task<ApiAnswer<T>> DeleteAsync<T>(string path, object? body = null)
        where T : class => SendAsync<T>(HttpMethod.Delete, path, body, null);

    /// <summary>The answer as it comes, for the browser itself: a stream, or a file. Null where the API does not answer.</summary>
    public async Task<HttpResponseMessage?> OpenAsync(string path)
    {
        var context = Context;
        using var request = Request(HttpMethod.Get, path, null);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private HttpContext Context => accessor.HttpContext ?? throw new InvalidOperationException("the API is asked for a page's request only");

    private async Task<ApiAnswer<T>> SendAsync<T>(HttpMethod method, string path, object? body, string? unknown)
        where T : class
    {
        var context = Context;
        using var request = Request(method, path, unknown);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: s_json);
        }

        try
        {
            using var answer = await http.SendAsync(request, context.RequestAborted);
            return answer.IsSuccessStatusCode
                ? new ApiAnswer<T>(await ReadAsync<T>(answer, context.RequestAborted), null)
                : new ApiAnswer<T>(null, await answer.Content.ReadFromJsonAsync<ApiProblem>(s_json, context.RequestAborted) ?? ApiProblem.Silent);
        }
        catch (Exception silent) when (silent is HttpRequestException or JsonException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            return new ApiAnswer<T>(null, ApiProblem.Silent);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string? unknown)
    {
        var context = Context;
        var request = new HttpRequestMessage(method, path);
        if ((unknown ?? SessionCookie.Token(context)) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        // Limits are per address: without this all people of the dashboard would share one.
        if (context.Connection.RemoteIpAddress is { } address)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", address.ToString());
        }

        request.Headers.TryAddWithoutValidation("User-Agent", context.Request.Headers.UserAgent.ToString());
        return request;
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken) => answer.StatusCode == HttpStatusCode.NoContent
        ? s_nothing.Deserialize<T>(s_json)
        : await answer.Content.ReadFromJsonAsync<T>(s_json, cancellationToken);
}
