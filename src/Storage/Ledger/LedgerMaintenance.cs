using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// Keeps the ledger in shape: makes the coming weeks, drops the old ones, deletes the hours of customers in which no event can land any
/// more, and closes days. Every process may run it.
/// </summary>
public sealed partial class LedgerMaintenance(
    NpgsqlDataSource db,
    LedgerPartitions partitions,
    LedgerStretches stretches,
    LedgerRetention retention,
    TimeProvider time,
    IMeterFactory meters,
    ILogger<LedgerMaintenance> logger)
    : BackgroundService
{
    /// <summary>Weeks are made two ahead, so any interval far below a week would do; an hour of R4 goes soon after its time.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(30);

    /// <summary>One account after the other, as many rows as a transaction of some hundred milliseconds deletes.</summary>
    private const int RowsPerDelete = 20_000;

    private readonly MaintenanceMetrics _metrics = new(meters);

    /// <summary>One round of upkeep.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await partitions.EnsureAsync(now, cancellationToken);
        foreach (var week in await partitions.DropOldAsync(now, retention, cancellationToken))
        {
            LogDropped(logger, week);
        }

        await DeleteOldHoursAsync(now - LedgerRetention.HourCustomer, cancellationToken);
        await stretches.RunOnceAsync(now, cancellationToken);
        _metrics.Done((await partitions.ListAsync(cancellationToken)).Count);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // A boundary: a round that fails, most likely for a database that is away, must not end the rounds to come.
                _metrics.Failed();
                LogFailed(logger, s_interval.TotalMinutes, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>The heads lead to each account's stretch of the index: the table has no index by time alone.</summary>
    private async Task DeleteOldHoursAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            await using var delete = db.CreateCommand(
                """
                DELETE FROM usage_hour_customer WHERE ctid = ANY (ARRAY(
                  SELECT u.ctid
                  FROM ledger_heads h
                  CROSS JOIN LATERAL (
                    SELECT ctid FROM usage_hour_customer WHERE account_id = h.account_id AND hour < $1 LIMIT $2
                  ) u
                  LIMIT $2))
                """);
            delete.Parameters.Add(new() { Value = before.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            delete.Parameters.Add(new() { Value = RowsPerDelete });
            deleted = await delete.ExecuteNonQueryAsync(cancellationToken);
        }
        while (deleted == RowsPerDelete);
    }
}
