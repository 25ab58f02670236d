using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Ledger;

/// <summary>Compares what is counted with what is stored, in plain SQL that shares nothing with the append.</summary>
internal static class LedgerCheck
{
    /// <summary>Every row of every rollup, and the head, must be the plain sum over the account's events, whose zone is UTC.</summary>
    public static async Task AssertCountedAsync(StorageDatabase database, AccountId account)
    {
        foreach (var rollup in Rollup.All)
        {
            Assert.Equal("", await DifferencesAsync(database, account, rollup));
        }

        var (head, events) = (await database.Ledger.HeadAsync(account, default), await database.ScalarAsync<decimal[]>(
            $"""
            SELECT ARRAY[count(*), coalesce(sum(cost_nanos), 0), coalesce(max(seq), 0), count(DISTINCT seq)]::numeric[]
            FROM events WHERE account_id = '{account.Value}'
            """));
        Assert.Equal([head.TotalCalls, head.TotalCost.Nanos, head.LastSeq, head.LastSeq], events);
    }

    private static Task<string> DifferencesAsync(StorageDatabase database, AccountId account, Rollup rollup)
    {
        var keys = rollup.Keys.Select(key => key.Name).ToList();
        var expressions = keys.Select(key => key switch
        {
            "hour" or "day" => $"date_trunc('{key}', occurred_at, 'UTC')",
            "span_kind" => CallKindSql.Text,
            _ => key,
        });
        var edges = LatencyHistogram.UpperEdgesMs;
        var counters = Enumerable.Range(0, LatencyHistogram.BucketCount).Select(bucket =>
            $"count(*) FILTER (WHERE {(bucket == 0 ? "latency_ms > 0" : $"latency_ms > {edges[bucket - 1]}")} "
            + $"AND {(bucket == edges.Length ? "true" : $"latency_ms <= {edges[bucket]}")})");
        return database.ScalarAsync<string>(
            $"""
            WITH counted AS (
              SELECT {string.Join(", ", keys)}, calls, errors, unpriced_calls, input_tokens, output_tokens, cached_tokens, cache_write_tokens,
                reasoning_tokens, cost_nanos, latency_ms_sum, {string.Join(", ", LatencyHistogram.Columns)}
              FROM {rollup.Table} WHERE account_id = '{account.Value}'
            ), stored AS (
              SELECT {string.Join(", ", expressions)}, count(*), count(*) FILTER (WHERE is_error), count(*) FILTER (WHERE unpriced),
                sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cache_write_tokens), sum(reasoning_tokens), sum(cost_nanos),
                sum(latency_ms), {string.Join(", ", counters)}
              FROM events e WHERE account_id = '{account.Value}'
              GROUP BY {string.Join(", ", Enumerable.Range(1, keys.Count))}
            ), differences AS (
              (SELECT '{rollup.Table} has' AS side, * FROM counted EXCEPT ALL SELECT '{rollup.Table} has', * FROM stored)
              UNION ALL
              (SELECT '{rollup.Table} lacks', * FROM stored EXCEPT ALL SELECT '{rollup.Table} lacks', * FROM counted)
            )
            SELECT coalesce(string_agg(differences::text, E'\n'), '') FROM differences
            """);
    }
}
