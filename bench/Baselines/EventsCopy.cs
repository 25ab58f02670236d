using LlmObserve.Bench.Seeding;
using Npgsql;

namespace LlmObserve.Bench.Baselines;

/// <summary>
/// Writes rows that the ledger just took a second time, as another account's: a binary COPY of bytes that lie ready, on one connection, in
/// one durable transaction, into the same table with its indexes. No rollups, no dedup, no caps.
/// </summary>
internal sealed class EventsCopy(NpgsqlDataSource db, TimeProvider time)
{
    // No account of the database: its rows are only here to be weighed.
    private static readonly Guid s_nobody = Guid.ParseExact("0000000000000000000000000000be0f", "N");

    private const string Columns =
        """
        seq, received_at, occurred_at, cost_nanos, client_cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens,
        reasoning_tokens, latency_ms, price_version, span_kind, is_error, unpriced, is_streaming, stream_cancelled, id, run_id, span_id,
        parent_span_id, section, section_path, agent, span_type, provider, endpoint, model, model_raw, customer_id, status, price_entry,
        discount, semantic_label, voice_call_id, audio_duration_seconds, voice_segment_type, voice_platform, hold_id, usage_json, metadata_json,
        hold_outcome, held_nanos, hold_mismatch
        """;

    /// <summary>Events per second.</summary>
    public async Task<double> RepeatAsync(SeedAccount account, long afterSeq, int expected, CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        using var rows = new MemoryStream();
        // The time lets the planner go to the one partition; what was sent was received just now.
        var select = $"SELECT '{s_nobody}'::uuid, {Columns} FROM events WHERE account_id = '{account.Id.Value}' AND seq > {afterSeq} "
            + "AND occurred_at > now() - interval '10 minutes'";
        await using (var export = await connection.BeginRawBinaryCopyAsync($"COPY ({select}) TO STDOUT (FORMAT BINARY)", cancellationToken))
        {
            await export.CopyToAsync(rows, cancellationToken);
        }

        var started = time.GetTimestamp();
        await using (var import = await connection.BeginRawBinaryCopyAsync(
            $"COPY events (account_id, {Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken))
        {
            await import.WriteAsync(rows.GetBuffer().AsMemory(0, (int)rows.Length), cancellationToken);
        }

        var rate = expected / time.GetElapsedTime(started).TotalSeconds;
        await using var count = new NpgsqlCommand(
            $"SELECT count(*) FROM events WHERE account_id = '{s_nobody}' AND seq > {afterSeq} AND occurred_at > now() - interval '10 minutes'", connection);
        var copied = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        return copied == expected ? rate : throw new InvalidOperationException($"{copied} rows were copied, not {expected}.");
    }
}
