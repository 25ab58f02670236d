namespace LlmObserve.Api.Http;

internal sealed partial class ProblemMiddleware
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed, trace {TraceId}")]
    private static partial void LogFailed(ILogger log, Exception e, string method, PathString path, string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} answered 503")]
    private static partial void LogUnavailable(ILogger log, Exception e, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Path} has gone")]
    private static partial void LogClientGone(ILogger log, Exception e, PathString path);
}
