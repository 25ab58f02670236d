using LlmObserve.Web.Api;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LlmObserve.Web.Passages;

/// <summary>What the browser gets from the API through this server, with the person's session: the live stream, files of tables, names in use.</summary>
internal static class PassageEndpoints
{
    /// <summary>Names that are offered while somebody types: what a list shows without scrolling.</summary>
    private const int Names = 20;

    /// <summary>Three heartbeats of the stream.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(45);

    private static readonly Dictionary<string, string> s_files = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["customers"] = "/stats/by-customer",
        ["models"] = "/stats/by-model",
        ["agents"] = "/stats/by-agent",
        ["providers"] = "/stats/by-provider",
        ["llms"] = "/stats/llms",
        ["infrastructure"] = "/stats/infrastructure",
        ["runs"] = "/runs/latest",
        ["audit"] = "/audit/export",
    };

    public static void MapPassages(this IEndpointRouteBuilder app)
    {
        app.MapGet("/live", LiveAsync).RequireAuthorization();
        app.MapGet("/export/{table}", ExportAsync).RequireAuthorization();
        app.MapGet("/names/{word}", NamesAsync).RequireAuthorization();
        app.MapPost("/switch", SwitchAsync).RequireAuthorization();
    }

    private static async Task LiveAsync(HttpContext context, ApiClient api, TimeProvider clock)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await PassAsync(context, await api.OpenAsync("/live"), new Silence(s_silence, clock), "X-Accel-Buffering", "Retry-After");
    }

    private static async Task ExportAsync(HttpContext context, ApiClient api, string table)
    {
        if (!s_files.TryGetValue(table, out var path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await PassAsync(context, await api.OpenAsync(path + context.Request.QueryString), null, "Content-Disposition", "Retry-After");
    }

    private static async Task PassAsync(HttpContext context, HttpResponseMessage? answer, Silence? limit, params string[] headers)
    {
        using var opened = answer;
        using var silence = limit;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, silence?.Reached ?? CancellationToken.None);
        if (opened is null)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        context.Response.StatusCode = (int)opened.StatusCode;
        context.Response.ContentType = opened.Content.Headers.ContentType?.ToString();
        context.Response.Headers.CacheControl = "no-store";
        foreach (var header in headers)
        {
            if (opened.Headers.TryGetValues(header, out var values) || opened.Content.Headers.TryGetValues(header, out values))
            {
                context.Response.Headers[header] = values.ToArray();
            }
        }

        try
        {
            await using var body = await opened.Content.ReadAsStreamAsync(context.RequestAborted);
            var buffer = new byte[16 * 1024];
            while (await body.ReadAsync(buffer, ends.Token) is > 0 and var read)
            {
                silence?.Break();
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or HttpRequestException)
        {
            // The browser left, or the API ended: either way there is nobody to tell, and the browser asks again.
            context.Abort();
        }
    }

    private static async Task<IResult> NamesAsync(HttpContext context, ApiClient api, string word, string? q)
    {
        var (path, name) = word switch
        {
            "customer" => ("/stats/by-customer", (Func<NamedFigures, string?>)(row => row.CustomerId)),
            "provider" => ("/stats/by-provider", row => row.Provider),
            "model" => ("/stats/by-model", row => row.Model),
            "agent" => ("/stats/by-agent", row => row.Agent),
            _ => ("", _ => null),
        };
        if (path.Length == 0)
        {
            // A cap of the whole account has no name to offer.
            return Results.Json(Array.Empty<string>());
        }

        var found = await api.GetAsync<PageAnswer<NamedFigures>>($"{path}?{QueryText.Of(("hours", "2160"), ("limit", $"{Names}"), ("q", q))}");
        return Results.Json((found.Value?.Items ?? []).Select(name).Where(text => !string.IsNullOrEmpty(text)));
    }

    /// <summary>How long a stream may say nothing. It ends what nobody closed: an API whose machine is gone.</summary>
    private sealed class Silence(TimeSpan limit, TimeProvider clock) : IDisposable
    {
        private readonly CancellationTokenSource _reached = new(limit, clock);

        public CancellationToken Reached => _reached.Token;

        /// <summary>Something was said.</summary>
        public void Break() => _reached.CancelAfter(limit);

        public void Dispose() => _reached.Dispose();
    }

    /// <summary>Opens another account of the person's in this session.</summary>
    private static async Task<IResult> SwitchAsync(HttpContext context, ApiClient api, [FromForm] string account)
    {
        var answer = await api.PostAsync<SwitchedAnswer>("/auth/switch", new { tenant_id = account });
        if (answer.Value is { } switched)
        {
            await SessionCookie.SwitchAsync(context, switched);
        }

        // The page of the other account may not exist here: its first page always does.
        return Results.LocalRedirect("/");
    }
}
