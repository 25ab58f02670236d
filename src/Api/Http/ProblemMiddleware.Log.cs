namespace LlmObserve.Api.Http;

internal sealed partial class ProblemMiddleware
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed, request {RequestId}, trace {TraceId}")]
    private static partial void LogFailed(ILogger log, Exception e, string method, string route, string requestId, string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Route} answered 503, request {RequestId}")]
    private static partial void LogUnavailable(ILogger log, Exception e, string method, string route, string requestId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Route} has gone")]
    private static partial void LogClientGone(ILogger log, Exception e, string route);
}
