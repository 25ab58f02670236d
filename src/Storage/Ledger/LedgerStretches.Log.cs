using LlmObserve.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Ledger;

public sealed partial class LedgerStretches
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Closed {Count} stretches of days of account {Account}")]
    private static partial void LogClosed(ILogger logger, int count, AccountId account);

    [LoggerMessage(Level = LogLevel.Error, Message = "Closing the days of account {Account} failed; its lists of customers are right but slow")]
    private static partial void LogFailed(ILogger logger, AccountId account, Exception error);
}
