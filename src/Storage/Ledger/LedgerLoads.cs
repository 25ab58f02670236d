using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Ledger;

/// <summary>Calls and their cost.</summary>
public readonly record struct LedgerTotal(Usd Cost, long Calls);

/// <summary>
/// Asks what a scope spent from one instant to another. Both must be beginnings of days in the account's time zone.
/// </summary>
/// <param name="Scope">What counts.</param>
/// <param name="From">First instant that counts.</param>
/// <param name="To">First instant that no longer counts; null: no end.</param>
public readonly record struct CapTotalQuery(CapScope Scope, DateTimeOffset From, DateTimeOffset? To);

/// <summary>An account's totals, read in one snapshot with its head.</summary>
public sealed record AccountLoad(
    LedgerHead Head,
    LedgerTotal Day,
    LedgerTotal Week,
    LedgerTotal Month,
    IReadOnlyDictionary<string, LedgerTotal> ByProvider,
    IReadOnlyDictionary<string, LedgerTotal> ByModel,
    IReadOnlyDictionary<string, LedgerTotal> ByAgent);

/// <summary>A customer's totals, read in one snapshot with its account's head.</summary>
public sealed record CustomerLoad(
    LedgerHead Head,
    LedgerTotal Day,
    LedgerTotal Week,
    LedgerTotal Month,
    IReadOnlyDictionary<string, LedgerTotal> ByModel);
