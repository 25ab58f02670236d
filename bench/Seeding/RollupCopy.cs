using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Storage.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Bench.Seeding;

/// <summary>Streams the rows of one rollup into its table.</summary>
internal sealed class RollupCopy : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBinaryImporter _rows;
    private readonly Guid _account;
    private readonly bool _hasCustomer;
    private readonly bool _hasPair;
    private readonly bool _hasSection;

    private RollupCopy(NpgsqlConnection connection, NpgsqlBinaryImporter rows, Guid account, bool hasCustomer, bool hasPair, bool hasSection) =>
        (_connection, _rows, _account, _hasCustomer, _hasPair, _hasSection) = (connection, rows, account, hasCustomer, hasPair, hasSection);

    /// <summary>Begins a copy.</summary>
    /// <param name="db">Where.</param>
    /// <param name="table">The rollup.</param>
    /// <param name="bucket">Its column of time.</param>
    /// <param name="account">Whose rows.</param>
    /// <param name="hasCustomer">Whether it tells customers apart.</param>
    /// <param name="hasPair">Whether it tells providers, models and agents and kinds of calls apart.</param>
    /// <param name="hasSection">Whether it tells sections apart.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<RollupCopy> BeginAsync(
        NpgsqlDataSource db, string table, string bucket, AccountId account, bool hasCustomer, bool hasPair, bool hasSection, CancellationToken cancellationToken)
    {
        string[] keys =
        [
            "account_id", bucket, .. hasCustomer ? ["customer_id"] : Array.Empty<string>(),
            .. hasSection ? ["section_path"] : Array.Empty<string>(),
            .. hasPair ? ["provider", "model", "agent", "span_kind"] : Array.Empty<string>(),
        ];
        string[] measures =
        [
            "calls", "errors", "unpriced_calls", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens",
            "cost_nanos", "latency_ms_sum", .. LatencyHistogram.Columns,
        ];
        var connection = await db.OpenConnectionAsync(cancellationToken);
        var rows = await connection.BeginBinaryImportAsync(
            $"COPY {table} ({string.Join(", ", keys.Concat(measures))}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        rows.Timeout = TimeSpan.FromHours(1);
        return new RollupCopy(connection, rows, account.Value, hasCustomer, hasPair, hasSection);
    }

    /// <summary>Adds a row. <paramref name="customer"/> and <paramref name="pair"/> count only where the rollup has them.</summary>
    public void Write(DateTime bucket, int customer, int pair, Sums sums)
    {
        _rows.StartRow();
        _rows.Write(_account, NpgsqlDbType.Uuid);
        _rows.Write(bucket, NpgsqlDbType.TimestampTz);
        if (_hasCustomer)
        {
            _rows.Write(CallMix.Customer(customer), NpgsqlDbType.Text);
        }

        if (_hasSection)
        {
            _rows.Write(CallMix.SectionPath(pair % CallMix.Agents.Length), NpgsqlDbType.Text);
        }

        if (_hasPair)
        {
            var model = CallMix.Models[pair / CallMix.Agents.Length];
            _rows.Write(model.Provider, NpgsqlDbType.Text);
            _rows.Write(model.Name, NpgsqlDbType.Text);
            _rows.Write(CallMix.Agents[pair % CallMix.Agents.Length], NpgsqlDbType.Text);
            _rows.Write((short)CallKind.Llm, NpgsqlDbType.Smallint);
        }

        foreach (var measure in (ReadOnlySpan<long>)
            [sums.Calls, sums.Errors, 0, sums.InputTokens, sums.OutputTokens, 0, 0, 0, sums.CostNanos, sums.LatencyMs])
        {
            _rows.Write(measure, NpgsqlDbType.Bigint);
        }

        foreach (var count in sums.Latency)
        {
            _rows.Write(count, NpgsqlDbType.Integer);
        }
    }

    public async Task CompleteAsync(CancellationToken cancellationToken) => await _rows.CompleteAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
