using LlmObserve.Api.Http;

namespace LlmObserve.Api.Callers;

/// <summary>
/// Finds out who calls, once for every route, by the route's <see cref="CallerRule"/>. Runs after routing and before any handler. A plain
/// middleware and not the framework's authentication stack: a check is asked before every call that a customer makes, and costs one hash and
/// one look into memory here.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, CallerAuthentication authentication)
{
    private const string Bearer = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<CallerRule>() is not { } rule)
        {
            // No route at all, or the framework's own answer to a wrong method or content type. A real route without a rule stays closed.
            return endpoint is RouteEndpoint ? throw new InvalidOperationException($"{endpoint.DisplayName} has no caller rule.") : next(context);
        }

        if (rule.AcceptsAnyone)
        {
            return next(context);
        }

        if (!TryGetToken(context.Request, out var token))
        {
            return Refusals.MissingCredentials.ExecuteAsync(context);
        }

        var answer = authentication.AuthenticateAsync(token, rule, context);
        return answer.IsCompletedSuccessfully ? GoOn(context, answer.Result) : GoOnAsync(context, answer);
    }

    private Task GoOn(HttpContext context, CallerAnswer answer)
    {
        if (answer.Caller is not { } caller)
        {
            return answer.Refusal!.ExecuteAsync(context);
        }

        context.Features.Set(caller);
        return next(context);
    }

    private async Task GoOnAsync(HttpContext context, ValueTask<CallerAnswer> answer) => await GoOn(context, await answer);

    private static bool TryGetToken(HttpRequest request, out string token)
    {
        var header = request.Headers.Authorization;
        var value = header.Count == 1 ? header[0] : null;
        var isBearer = value is not null && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);
        token = isBearer ? value![Bearer.Length..].Trim() : "";
        return token.Length > 0;
    }
}
