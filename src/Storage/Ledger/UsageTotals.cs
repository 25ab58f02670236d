using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Ledger;

/// <summary>Sums of the ledger over some calls.</summary>
/// <param name="Calls">How many there were.</param>
/// <param name="Errors">Those that failed.</param>
/// <param name="UnpricedCalls">Those that the price book did not know.</param>
/// <param name="InputTokens">Without cache reads and cache writes.</param>
/// <param name="OutputTokens">Including reasoning.</param>
/// <param name="CachedTokens">Read from a cache.</param>
/// <param name="CacheWriteTokens">Written to a cache.</param>
/// <param name="ReasoningTokens">Part of <paramref name="OutputTokens"/>.</param>
/// <param name="Cost">In US dollars.</param>
/// <param name="LatencyMs">Sum of the latencies in milliseconds.</param>
public readonly record struct UsageTotals(
    long Calls,
    long Errors,
    long UnpricedCalls,
    long InputTokens,
    long OutputTokens,
    long CachedTokens,
    long CacheWriteTokens,
    long ReasoningTokens,
    Usd Cost,
    long LatencyMs)
{
    public static UsageTotals operator +(UsageTotals a, UsageTotals b) => checked(new(
        a.Calls + b.Calls,
        a.Errors + b.Errors,
        a.UnpricedCalls + b.UnpricedCalls,
        a.InputTokens + b.InputTokens,
        a.OutputTokens + b.OutputTokens,
        a.CachedTokens + b.CachedTokens,
        a.CacheWriteTokens + b.CacheWriteTokens,
        a.ReasoningTokens + b.ReasoningTokens,
        a.Cost + b.Cost,
        a.LatencyMs + b.LatencyMs));
}

/// <summary>Totals of the calls that share provider, model and agent; an empty label stands for calls without one.</summary>
/// <param name="IsAhead">Of what is dated after the month, and not of the month.</param>
public readonly record struct CallTotals(bool IsAhead, string Provider, string Model, string Agent, UsageTotals Totals);

/// <summary>Totals of a day, a week and a month.</summary>
public readonly record struct PeriodTotals(UsageTotals Day, UsageTotals Week, UsageTotals Month);

/// <summary>What one cap counts over one period.</summary>
/// <param name="Scope">The cap's scope.</param>
/// <param name="From">Beginning of the period, a beginning of a day of the account's zone.</param>
/// <param name="To">Beginning of the next period; null for no end.</param>
public readonly record struct CapTotalQuery(CapScope Scope, DateTimeOffset From, DateTimeOffset? To = null);

/// <summary>Totals of caps, and the head of the ledger as of which they are exact.</summary>
/// <param name="Head">The head in the same snapshot.</param>
/// <param name="Totals">One for each query, in order.</param>
public sealed record LoadedCapTotals(LedgerHead Head, ImmutableArray<Usd> Totals);

/// <summary>Totals of one customer, and the head of the ledger as of which they are exact.</summary>
/// <param name="Head">The head in the same snapshot.</param>
/// <param name="Periods">Totals of the periods asked for.</param>
/// <param name="Ahead">Totals of what is dated after each of them: an event may be dated a few minutes ahead.</param>
/// <param name="ByModel">The month and what is after it by provider and model; the agent is empty.</param>
public sealed record LoadedCustomer(LedgerHead Head, PeriodTotals Periods, PeriodTotals Ahead, ImmutableArray<CallTotals> ByModel);

/// <summary>Totals of an account, and the head of the ledger as of which they are exact.</summary>
/// <param name="Head">The head in the same snapshot; it holds what was ever spent.</param>
/// <param name="Periods">Totals of the periods asked for.</param>
/// <param name="Ahead">Totals of what is dated after each of them: an event may be dated a few minutes ahead.</param>
/// <param name="ByCall">The month and what is after it by provider, model and agent.</param>
public sealed record LoadedAccount(LedgerHead Head, PeriodTotals Periods, PeriodTotals Ahead, ImmutableArray<CallTotals> ByCall)
{
    /// <summary>The section paths that days in which an event may still land are counted by.</summary>
    public ImmutableArray<DaySection> Sections { get; init; } = [];
}

/// <summary>A section path that calls of a day are counted by.</summary>
public readonly record struct DaySection(DateTimeOffset Day, string Path);
