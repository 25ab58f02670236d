using System.Diagnostics;

namespace LlmObserve.Api.Http;

/// <summary>Gives every error a problem document: statuses that the framework sets without a body, and exceptions.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    /// <summary>Nobody reads the answer of a request whose client has gone; this is what logs and metrics see (as nginx does).</summary>
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: whatever failed because of that is nobody's fault.
            var route = RouteOf(context);
            LogClientGone(log, e, route);
            context.Response.StatusCode = ClientClosedRequest;
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // The boundary of the API: an exception becomes an answer here, and its details stay in the log.
            await AnswerAsync(context, e);
            return;
        }

        var response = context.Response;
        if (response.StatusCode >= StatusCodes.Status400BadRequest && !response.HasStarted && response.ContentType is null)
        {
            await Problems.OfStatus(response.StatusCode, context).ExecuteAsync(context);
        }
    }

    private Task AnswerAsync(HttpContext context, Exception e)
    {
        context.Response.Clear();
        AnswerHeaders.Set(context);
        if (e is BadHttpRequestException bad)
        {
            return Problems.OfStatus(bad.StatusCode, context).ExecuteAsync(context);
        }

        if (TransientFaults.IsTransient(e))
        {
            LogUnavailable(log, e, context.Request.Method, RouteOf(context), context.TraceIdentifier);
            return Problems.Unavailable("The server cannot reach what it needs for this now; try again later.", ShedReasons.Dependency)
                .ExecuteAsync(context);
        }

        var traceId = Activity.Current?.Id ?? context.TraceIdentifier;
        LogFailed(log, e, context.Request.Method, RouteOf(context), context.TraceIdentifier, traceId);
        return Problems.Internal(StatusCodes.Status500InternalServerError, traceId).ExecuteAsync(context);
    }

    /// <summary>Not the path: people put keys where ids belong.</summary>
    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no route";
}
