using System.Collections.Immutable;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>What was spent over a stretch of time.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.spend")]
public readonly record struct Spend(Usd Cost, long Calls)
{
    public static Spend operator +(Spend a, Spend b) => new(a.Cost + b.Cost, a.Calls + b.Calls);
}

/// <summary>An account's running totals in its own time zone. The three groups cover the current month.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.account-totals")]
public sealed record AccountTotals(
    Spend Day,
    Spend Week,
    Spend Month,
    Spend Overall,
    ImmutableDictionary<string, Spend> ByProvider,
    ImmutableDictionary<string, Spend> ByModel,
    ImmutableDictionary<string, Spend> ByAgent,
    bool Stale);
