using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Bench.Seeding;

/// <summary>Streams events into the ledger's table, as an SDK's events look once stored.</summary>
internal sealed class EventCopy : IAsyncDisposable
{
    /// <summary>Calls of one run of the user's program.</summary>
    private const int CallsPerRun = 10;

    private const string Columns =
        """
        account_id, seq, received_at, occurred_at, cost_nanos, client_cost_nanos, input_tokens, output_tokens, cached_tokens,
        cache_write_tokens, reasoning_tokens, latency_ms, price_version, span_kind, is_error, unpriced, is_streaming, stream_cancelled,
        id, run_id, span_id, section, section_path, agent, span_type, provider, endpoint, model, model_raw, customer_id, status,
        price_entry, discount
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBinaryImporter _rows;
    private readonly Guid _account;
    private readonly Random _random;
    private long _seq;
    private string _runId = "";

    private EventCopy(NpgsqlConnection connection, NpgsqlBinaryImporter rows, AccountId account, Random random) =>
        (_connection, _rows, _account, _random) = (connection, rows, account.Value, random);

    public static async Task<EventCopy> BeginAsync(NpgsqlDataSource db, AccountId account, Random random, CancellationToken cancellationToken)
    {
        var connection = await db.OpenConnectionAsync(cancellationToken);
        var rows = await connection.BeginBinaryImportAsync($"COPY {BarePartitions.Table} ({Columns}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        rows.Timeout = TimeSpan.FromHours(1);
        return new EventCopy(connection, rows, account, random);
    }

    public void Write(DateTime at, int customer, in MixCall call)
    {
        var model = CallMix.Models[call.Model];
        var agent = CallMix.Agents[call.Agent];
        if (_seq++ % CallsPerRun == 0)
        {
            _runId = NextId();
        }

        _rows.StartRow();
        _rows.Write(_account, NpgsqlDbType.Uuid);
        _rows.Write(_seq, NpgsqlDbType.Bigint);
        _rows.Write(at, NpgsqlDbType.TimestampTz);
        _rows.Write(at, NpgsqlDbType.TimestampTz);
        foreach (var number in (ReadOnlySpan<long>)[call.CostNanos, call.CostNanos, call.InputTokens, call.OutputTokens, 0, 0, 0])
        {
            _rows.Write(number, NpgsqlDbType.Bigint);
        }

        _rows.Write(call.LatencyMs, NpgsqlDbType.Integer);
        _rows.Write(1, NpgsqlDbType.Integer);
        _rows.Write((short)SpanKind.Llm, NpgsqlDbType.Smallint);
        foreach (var flag in (ReadOnlySpan<bool>)[call.IsError, false, false, false])
        {
            _rows.Write(flag, NpgsqlDbType.Boolean);
        }

        foreach (var text in (ReadOnlySpan<string>)
            [
                NextId(), _runId, _random.NextInt64().ToString("x16"), CallMix.Section, CallMix.SectionPath(call.Agent), agent, "llm",
                model.Provider, "chat", model.Name, model.RawName, CallMix.Customer(customer), call.IsError ? "error" : "ok",
                $"{model.Provider}/{model.Name}",
            ])
        {
            _rows.Write(text, NpgsqlDbType.Text);
        }

        _rows.Write(1m, NpgsqlDbType.Numeric);
    }

    public async Task CompleteAsync(CancellationToken cancellationToken) => await _rows.CompleteAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await _connection.DisposeAsync();
    }

    // As SDKs make them: version 4, without any order. That is what the unique index has to bear.
    private string NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
