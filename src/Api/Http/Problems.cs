using System.Collections.Immutable;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Http;

/// <summary>The problems that more than one feature answers with. Codes are part of the contract: never change one.</summary>
public static class Problems
{
    /// <summary>What a client waits where the database or an account does not answer: a restart of PostgreSQL takes a few seconds.</summary>
    public const int UnavailableRetryAfterSeconds = 2;

    /// <summary>What a client waits where too much is waiting already: a commit takes milliseconds.</summary>
    public const int OverloadedRetryAfterSeconds = 1;

    /// <summary>What is asked for does not exist, or belongs to another account: the two look alike.</summary>
    public static Problem NotFound(string detail) =>
        new(StatusCodes.Status404NotFound, "not-found", "Not found", detail);

    /// <summary>The request was read, and every one of these things is wrong with it.</summary>
    public static Problem Invalid(ImmutableArray<Fault> faults) =>
        new(StatusCodes.Status422UnprocessableEntity, "invalid-request", "The request has invalid values", Summary(faults)) { Errors = faults };

    /// <summary>The body is no JSON, or not the kind of JSON that is wanted.</summary>
    public static Problem MalformedBody(string detail) =>
        new(StatusCodes.Status400BadRequest, "malformed-body", "The body cannot be read", detail);

    /// <summary>A header holds something that it must not.</summary>
    public static Problem BadHeader(ImmutableArray<Fault> faults) =>
        new(StatusCodes.Status400BadRequest, "bad-header", "A header has an invalid value", Summary(faults)) { Errors = faults };

    public static Problem BodyTooLarge(string detail) =>
        new(StatusCodes.Status413PayloadTooLarge, "body-too-large", "The body is too large", detail);

    public static Problem UnsupportedMediaType(string detail) =>
        new(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The content type is not supported", detail);

    /// <summary>Nobody, or nobody we know.</summary>
    public static Problem Unauthorized(string code, string detail) =>
        new(StatusCodes.Status401Unauthorized, code, "Not signed in", detail);

    /// <summary>Somebody we know, who may not do this.</summary>
    public static Problem Forbidden(string code, string detail) =>
        new(StatusCodes.Status403Forbidden, code, "Not allowed", detail);

    public static Problem Conflict(string code, string detail) =>
        new(StatusCodes.Status409Conflict, code, "The request conflicts with what exists", detail);

    /// <summary>Something that is needed does not answer now. Nothing was acknowledged.</summary>
    /// <param name="detail">What, for people.</param>
    /// <param name="shed">One of <see cref="ShedReasons"/>; null where this is no request turned away.</param>
    internal static Problem Unavailable(string detail, string? shed) =>
        new(StatusCodes.Status503ServiceUnavailable, "unavailable", "Not available now", detail)
        {
            RetryAfterSeconds = UnavailableRetryAfterSeconds,
            Shed = shed,
        };

    /// <summary>The caller, or all callers together, ask for more than can be done now. Nothing was acknowledged.</summary>
    /// <param name="detail">Of what, for people.</param>
    /// <param name="shed">One of <see cref="ShedReasons"/>.</param>
    internal static Problem TooManyRequests(string detail, string shed) =>
        new(StatusCodes.Status429TooManyRequests, "too-many-requests", "Too many requests", detail)
        {
            RetryAfterSeconds = OverloadedRetryAfterSeconds,
            Shed = shed,
        };

    /// <summary>For a status that the framework sets without a body: no route, no such method, a malformed request.</summary>
    internal static Problem OfStatus(int status, HttpContext context)
    {
        var path = Excerpt(context.Request.Path.Value);
        return status switch
        {
            StatusCodes.Status400BadRequest =>
                new(status, "bad-request", "The request cannot be read", "The request is malformed."),
            StatusCodes.Status404NotFound =>
                new(status, "no-such-route", "Not found", $"There is nothing at {path}."),
            StatusCodes.Status405MethodNotAllowed =>
                new(status, "method-not-allowed", "Method not allowed", $"{path} does not answer to {Excerpt(context.Request.Method)}."),
            StatusCodes.Status408RequestTimeout =>
                new(status, "request-timeout", "The request took too long", "The body arrived too slowly."),
            StatusCodes.Status413PayloadTooLarge => BodyTooLarge("The body is larger than this route accepts."),
            StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType("This route does not accept the body's content type."),
            StatusCodes.Status429TooManyRequests => TooManyRequests("Too many requests; try again later.", ShedReasons.Server),
            StatusCodes.Status503ServiceUnavailable => Unavailable("The server cannot answer this now; try again later.", ShedReasons.Server),
            >= StatusCodes.Status500InternalServerError => Internal(status, traceId: null),
            _ => new(status, "bad-request", "The request was refused", $"The server refused this request with status {status}."),
        };
    }

    internal static Problem Internal(int status, string? traceId) =>
        new(status, "internal-error", "Internal error", "Something went wrong inside the server. It was logged under this trace_id.")
        {
            More = [new ProblemMember("trace_id", null, traceId)],
        };

    private static string Summary(ImmutableArray<Fault> faults) => faults.Length switch
    {
        0 => "The request is invalid.",
        1 => faults[0].Detail,
        _ => $"{faults[0].Detail} And {faults.Length - 1} more, see errors.",
    };

    private static string Excerpt(string? text)
    {
        const int MaxLength = 100;
        return text is null ? "" : text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");
    }
}
