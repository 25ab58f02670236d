using LlmObserve.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Ledger;

public sealed partial class LedgerWriter
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A commit of {Accounts} accounts failed for its data and is tried account by account")]
    private static partial void LogSplit(ILogger logger, int accounts, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The ledger refused {Rows} rows of {Accounts} accounts; nothing of them was written")]
    private static partial void LogRejected(ILogger logger, int rows, int accounts, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The connection was lost under a commit of {Rows} rows of {Accounts} accounts: its outcome is unknown")]
    private static partial void LogUnknown(ILogger logger, int rows, int accounts, Exception error);

    [LoggerMessage(LogLevel.Warning, "A batch of account {Account} was refused: a total would not fit in 64 bits")]
    private static partial void LogOutOfRange(ILogger logger, AccountId account, Exception error);
}
