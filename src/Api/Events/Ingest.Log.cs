using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Events;

internal sealed partial class Ingest
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A chunk of {Events} events was sent {Sends} times and never answered for")]
    private static partial void LogGaveUp(ILogger log, int events, int sends);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A chunk of {Events} events could not be recorded")]
    private static partial void LogNotRecorded(ILogger log, Exception e, int events);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock of a client of account {Account} is {SkewSeconds} s ahead of ours")]
    private static partial void LogClockSkew(ILogger log, AccountId account, decimal skewSeconds);
}
