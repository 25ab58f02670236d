using LlmObserve.Domain.Accounts;

namespace LlmObserve.Storage.Ledger;

/// <summary>The account has no ledger: it was deleted for good. Whoever writes it must go.</summary>
public sealed class LedgerGoneException(AccountId account) : Exception($"account {account} has no ledger any more");
