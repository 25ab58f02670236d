using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Ledger;

public sealed partial class LedgerMaintenance
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Dropped the events of {Week}")]
    private static partial void LogDropped(ILogger logger, LedgerWeek week);

    [LoggerMessage(Level = LogLevel.Error, Message = "The upkeep of the ledger failed; it is tried again in {Minutes} minutes")]
    private static partial void LogFailed(ILogger logger, double minutes, Exception error);
}
