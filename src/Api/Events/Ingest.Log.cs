using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Events;

internal sealed partial class Ingest
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A chunk of {Events} events was sent {Sends} times and never answered for, request {RequestId}")]
    private static partial void LogGaveUp(ILogger log, int events, int sends, string requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A chunk of {Events} events could not be recorded, request {RequestId}")]
    private static partial void LogNotRecorded(ILogger log, Exception e, int events, string requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock of a client of account {Account} is {SkewSeconds} s ahead of ours, request {RequestId}")]
    private static partial void LogClockSkew(ILogger log, AccountId account, decimal skewSeconds, string requestId);
}
