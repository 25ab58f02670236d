using System.Buffers;
using System.Security.Cryptography;
using LlmObserve.Domain.Keys;
using Microsoft.Extensions.Primitives;

namespace LlmObserve.Api.Http;

/// <summary>
/// What every answer of the API bears, errors and unknown routes among them: the request's id, and what tells browsers to make nothing of an
/// answer but data. Set before anything else runs; a handler may overwrite it.
/// </summary>
internal sealed class AnswerHeaders(RequestDelegate next)
{
    public const string RequestId = "X-Request-Id";

    /// <summary>As long as a trace id with its parts; what is longer is no id, and is answered with one of ours.</summary>
    public const int MaxRequestIdLength = 128;

    // Made once: a check asks for them with every call of a model.
    private static readonly StringValues s_noSniff = "nosniff";
    private static readonly StringValues s_nothingRuns = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues s_noReferrer = "no-referrer";
    private static readonly StringValues s_noStore = "no-store";

    /// <summary>A year. Not for subdomains: those are not ours to speak for.</summary>
    private static readonly StringValues s_httpsOnly = "max-age=31536000";

    private static readonly SearchValues<char> s_idCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Without vowels and look-alikes: an id is read out on the telephone.</summary>
    private const string IdDigits = "23456789bcdfghjkmnpqrstvwxyzBCDF";

    private const int IdStartLength = 8;
    private const int IdCountLength = 8;

    /// <summary>Forty random bits tell processes apart; a count tells the requests of one.</summary>
    private static readonly string s_idStart = RandomNumberGenerator.GetString(IdDigits, IdStartLength);

    private static long s_idCount;

    public Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = IdOf(context.Request.Headers[RequestId]);
        Set(context);
        return next(context);
    }

    /// <summary>Sets them; again after an answer that had begun was cleared.</summary>
    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[RequestId] = context.TraceIdentifier;
        headers.XContentTypeOptions = s_noSniff;
        headers.ContentSecurityPolicy = s_nothingRuns;
        headers["Referrer-Policy"] = s_noReferrer;
        headers.CacheControl = s_noStore;
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = s_httpsOnly;
        }
    }

    /// <summary>The request's own where it is one. A key is none: the id goes into logs.</summary>
    private static string IdOf(StringValues sent) =>
        sent.Count == 1 && sent[0] is { Length: > 0 and <= MaxRequestIdLength } id
        && !id.AsSpan().ContainsAnyExcept(s_idCharacters) && !id.Contains(ApiKeyText.Scheme, StringComparison.Ordinal)
            ? id
            : NewId();

    private static string NewId() => string.Create(IdStartLength + IdCountLength, Interlocked.Increment(ref s_idCount), static (id, count) =>
    {
        s_idStart.CopyTo(id);
        for (var i = id.Length - 1; i >= IdStartLength; i--, count >>= 5)
        {
            id[i] = IdDigits[(int)(count & 31)];
        }
    });
}
