using System.Collections.Immutable;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Stats;

/// <summary>Sums over calls.</summary>
public sealed record StatsFigures
{
    public static readonly StatsFigures None = new();

    public Usd Cost { get; init; }

    public long Calls { get; init; }

    public long Errors { get; init; }

    /// <summary>Calls that no price was known for; their cost is what the client said.</summary>
    public long Unpriced { get; init; }

    /// <summary>Without what was read from or written to a cache.</summary>
    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    /// <summary>Read from a cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Sum of latencies.</summary>
    public long LatencyMs { get; init; }

    /// <summary>Calls by latency, in the buckets of the rollups; empty where there are no calls.</summary>
    public ImmutableArray<long> Latencies { get; init; } = [];
}

/// <summary>The sums of one provider, model, agent or customer; the name is empty for the calls that have none.</summary>
public sealed record StatsRow(string Name, StatsFigures Figures);

/// <summary>Rows in the order that was asked for.</summary>
/// <param name="Rows">One page of them.</param>
/// <param name="Cost">Of all rows together, also of those on other pages.</param>
/// <param name="Next">Where the next page begins; null where there is none.</param>
public sealed record StatsPage(ImmutableArray<StatsRow> Rows, Usd Cost, StatsPosition? Next);

/// <summary>What an account's first page shows.</summary>
/// <param name="Totals">Over the window.</param>
/// <param name="Providers">The dearest.</param>
/// <param name="Models">The dearest.</param>
/// <param name="Customers">The dearest; their window may be longer than that of the rest.</param>
/// <param name="Before">Over the stretch before the window.</param>
public sealed record StatsOverview(
    StatsFigures Totals,
    ImmutableArray<StatsRow> Providers,
    ImmutableArray<StatsRow> Models,
    StatsPage Customers,
    StatsFigures Before);
