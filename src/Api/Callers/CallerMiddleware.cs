using LlmObserve.Api.Http;
using LlmObserve.Api.Limits;

namespace LlmObserve.Api.Callers;

/// <summary>
/// Finds out who calls, once for every route, by the route's <see cref="CallerRule"/>, and whether they ask too much. Runs after routing and before any handler. A plain
/// middleware and not the framework's authentication stack: a check is asked before every call that a customer makes, and costs one hash and
/// one look into memory here.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, CallerAuthentication authentication, CallerLimits limits)
{
    private const string Bearer = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<CallerRule>() is not { } rule)
        {
            // No route at all, or the framework's own answer to a wrong method or content type. A real route without a rule stays closed.
            return endpoint is RouteEndpoint
                ? throw new InvalidOperationException($"{endpoint.DisplayName} has no caller rule.")
                : limits.TakeForAddress(context)?.ExecuteAsync(context) ?? next(context);
        }

        if (rule.AcceptsAnyone)
        {
            return (rule.IsUnlimited ? null : limits.TakeForAddress(context))?.ExecuteAsync(context) ?? next(context);
        }

        if (!TryGetToken(context.Request, out var token))
        {
            return Refuse(context, Refusals.MissingCredentials);
        }

        if (authentication.TryRecall(token, rule, context, out var recalled))
        {
            return recalled.Caller is null ? Refuse(context, recalled.Refusal!) : GoOn(context, recalled, rule);
        }

        // Before anything that costs more than this: a look into the database, a signature.
        if (limits.TakeForAddress(context) is { } tooMany)
        {
            return tooMany.ExecuteAsync(context);
        }

        var answer = authentication.AuthenticateAsync(token, rule, context);
        return answer.IsCompletedSuccessfully ? GoOn(context, answer.Result, rule) : GoOnAsync(context, answer, rule);
    }

    /// <summary>Who only ever gets this answer is told at some point to ask less often.</summary>
    private Task Refuse(HttpContext context, Problem refusal) => (limits.TakeForAddress(context) ?? refusal).ExecuteAsync(context);

    private Task GoOn(HttpContext context, CallerAnswer answer, CallerRule rule)
    {
        if (answer.Caller is not { } caller)
        {
            return answer.Refusal!.ExecuteAsync(context);
        }

        if (limits.TakeForCaller(caller, !rule.IsAskedWithEveryCall, context) is { } tooMany)
        {
            return tooMany.ExecuteAsync(context);
        }

        context.Features.Set(caller);
        return next(context);
    }

    private async Task GoOnAsync(HttpContext context, ValueTask<CallerAnswer> answer, CallerRule rule) => await GoOn(context, await answer, rule);

    internal static bool TryGetToken(HttpRequest request, out string token)
    {
        var header = request.Headers.Authorization;
        var value = header.Count == 1 ? header[0] : null;
        var isBearer = value is not null && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);
        token = isBearer ? value![Bearer.Length..].Trim() : "";
        return token.Length > 0;
    }
}
