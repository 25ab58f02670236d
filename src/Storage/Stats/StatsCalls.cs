using System.Collections.Immutable;

namespace LlmObserve.Storage.Stats;

/// <summary>What the rows of a list by provider are besides.</summary>
public enum StatsCallsGroup
{
    /// <summary>Models.</summary>
    Model,

    /// <summary>Vector DBs and APIs.</summary>
    Service,
}

/// <summary>The sums of the calls to one model of a provider, or to its vector DB or API.</summary>
/// <param name="Provider">Empty in the sums of everything.</param>
/// <param name="Name">The model, empty for calls without one; or <see cref="VectorDb"/> or <see cref="Api"/>.</param>
/// <param name="Figures">The sums.</param>
/// <param name="Reads">Of vector DBs.</param>
/// <param name="Writes">Of vector DBs.</param>
/// <param name="ApiCalls">Calls that were to APIs.</param>
public sealed record StatsCallsRow(string Provider, string Name, StatsFigures Figures, long Reads, long Writes, long ApiCalls)
{
    public const string VectorDb = "vector_db";
    public const string Api = "api";
}

/// <summary>Rows in an order, then by provider and name.</summary>
/// <param name="Rows">One page of them.</param>
/// <param name="Totals">The sums of all rows, also of those on other pages.</param>
/// <param name="Next">Where the next page begins; null where there is none.</param>
public sealed record StatsCallsPage(ImmutableArray<StatsCallsRow> Rows, StatsCallsRow Totals, StatsCallsPosition? Next);

/// <summary>Where a list goes on: behind the row of this value in its order, provider and name.</summary>
public readonly record struct StatsCallsPosition(long Value, string Provider, string Name);
