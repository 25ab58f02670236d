using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Ledger;

/// <summary>The head of one account's ledger.</summary>
/// <param name="Epoch">Fencing token: the number of the activation that may write.</param>
/// <param name="LastSeq">Sequence of the last event; 0 before any.</param>
/// <param name="TotalCost">Everything the account ever spent.</param>
/// <param name="TotalCalls">Events ever counted.</param>
public readonly record struct LedgerHead(long Epoch, long LastSeq, Usd TotalCost, long TotalCalls);
