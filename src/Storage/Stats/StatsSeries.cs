using System.Collections.Immutable;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Stats;

/// <summary>What one name had in each bucket of a <see cref="SeriesPlan"/>.</summary>
/// <param name="Name">Empty for the calls that have none, and of a series of everything.</param>
/// <param name="Costs">By bucket.</param>
/// <param name="Calls">By bucket.</param>
/// <param name="Errors">By bucket.</param>
public sealed record StatsSeries(string Name, ImmutableArray<Usd> Costs, ImmutableArray<long> Calls, ImmutableArray<long> Errors);

/// <summary>A time series for each of the dearest names.</summary>
/// <param name="Series">The dearest first.</param>
/// <param name="Other">All other names together; null where there are none.</param>
public sealed record StatsSeriesSet(ImmutableArray<StatsSeries> Series, StatsSeries? Other);

/// <summary>A series while it is summed.</summary>
internal sealed class SeriesSums(string name, int buckets)
{
    private readonly Usd[] _costs = new Usd[buckets];
    private readonly long[] _calls = new long[buckets];
    private readonly long[] _errors = new long[buckets];

    public string Name => name;

    public void Add(int bucket, Usd cost, long calls, long errors)
    {
        _costs[bucket] += cost;
        _calls[bucket] += calls;
        _errors[bucket] += errors;
    }

    public void TakeAway(SeriesSums part)
    {
        for (var bucket = 0; bucket < _calls.Length; bucket++)
        {
            Add(bucket, -part._costs[bucket], -part._calls[bucket], -part._errors[bucket]);
        }
    }

    public StatsSeries ToSeries() => new(name, [.. _costs], [.. _calls], [.. _errors]);
}
