using System.Collections.Immutable;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using Npgsql;

namespace LlmObserve.Storage.Stats;

/// <summary>Reads the sums that <see cref="StatsSql"/> asks for, in its order.</summary>
internal static class StatsRowReader
{
    private const int Measures = 8;

    public static readonly int Columns = Measures + LatencyHistogram.BucketCount;

    public static StatsFigures Read(NpgsqlDataReader reader, int first)
    {
        var latencies = ImmutableArray.CreateBuilder<long>(LatencyHistogram.BucketCount);
        for (var bucket = 0; bucket < LatencyHistogram.BucketCount; bucket++)
        {
            latencies.Add(reader.GetInt64(first + Measures + bucket));
        }

        return new StatsFigures
        {
            Calls = reader.GetInt64(first),
            Errors = reader.GetInt64(first + 1),
            Unpriced = reader.GetInt64(first + 2),
            InputTokens = reader.GetInt64(first + 3),
            OutputTokens = reader.GetInt64(first + 4),
            CachedTokens = reader.GetInt64(first + 5),
            Cost = new Usd(reader.GetInt64(first + 6)),
            LatencyMs = reader.GetInt64(first + 7),
            Latencies = latencies.MoveToImmutable(),
        };
    }
}
