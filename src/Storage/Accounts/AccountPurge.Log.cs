using LlmObserve.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Accounts;

public sealed partial class AccountPurge
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted account {Account} for good: {Rows} rows")]
    private static partial void LogPurged(ILogger logger, AccountId account, long rows);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deleting account {Account} failed; it is tried again in {Minutes} minutes")]
    private static partial void LogAccountFailed(ILogger logger, AccountId account, double minutes, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for accounts to delete failed; it is tried again in {Minutes} minutes")]
    private static partial void LogFailed(ILogger logger, double minutes, Exception error);
}
