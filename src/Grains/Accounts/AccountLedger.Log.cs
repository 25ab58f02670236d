using LlmObserve.Domain.Accounts;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Grains.Accounts;

internal sealed partial class AccountLedger
{
    [LoggerMessage(1, LogLevel.Error, "Account {Account}: commit {Seq} is durable but could not be counted; totals are read anew")]
    private static partial void LogApplyFailed(ILogger logger, Exception error, AccountId account, long seq);

    [LoggerMessage(2, LogLevel.Warning, "Account {Account}: the ledger cannot be opened now; ingest answers 503, checks go on from memory")]
    private static partial void LogOpenFailed(ILogger logger, Exception error, AccountId account);

    [LoggerMessage(3, LogLevel.Warning, "Account {Account}: a commit's outcome is unknown; the ledger opens anew under a new epoch")]
    private static partial void LogOutcomeUnknown(ILogger logger, Exception? error, AccountId account);

    [LoggerMessage(4, LogLevel.Information, "Account {Account}: epoch {Epoch} is over, another activation writes now")]
    private static partial void LogFenced(ILogger logger, AccountId account, long epoch);

    [LoggerMessage(5, LogLevel.Error, "Account {Account}: the ledger refused a commit")]
    private static partial void LogRejected(ILogger logger, Exception? error, AccountId account);

    [LoggerMessage(6, LogLevel.Error, "Account {Account}: delivering a commit failed; its callers are told to send it again")]
    private static partial void LogDeliveryFailed(ILogger logger, Exception error, AccountId account);
}
