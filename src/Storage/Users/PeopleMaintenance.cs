using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Users;

/// <summary>
/// Deletes what people leave behind once its time is over: sessions, mailed links, invitations, sealed keys that nobody looked at, the ids of old
/// webhook messages. None of it opens anything any more: this only makes room. Every process may run it.
/// </summary>
public sealed partial class PeopleMaintenance(NpgsqlDataSource database, TimeProvider time, ILogger<PeopleMaintenance> logger) : BackgroundService
{
    /// <summary>Senders of webhooks give up after five days at most; a message that comes later is taken for a new one.</summary>
    public static readonly TimeSpan WebhookMessages = TimeSpan.FromDays(7);

    /// <summary>Room is all that is gained, and an hour's worth is little.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>As many rows as a transaction of some hundred milliseconds deletes.</summary>
    private const int RowsPerDelete = 20_000;

    private static readonly (string Table, string Time, TimeSpan After)[] s_tables =
    [
        ("sessions", "expires_at", TimeSpan.Zero),
        ("user_tokens", "expires_at", TimeSpan.Zero),
        ("invitations", "expires_at", TimeSpan.Zero),
        ("unseen_keys", "expires_at", TimeSpan.Zero),
        ("webhook_messages", "received_at", WebhookMessages),
    ];

    /// <summary>One round of upkeep.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (table, column, after) in s_tables)
        {
            int deleted;
            do
            {
                await using var delete = database.CreateCommand(
                    $"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {column} <= $1 LIMIT {RowsPerDelete}))");
                delete.Parameters.Add(Parameters.Instant(now - after));
                deleted = await delete.ExecuteNonQueryAsync(cancellationToken);
            }
            while (deleted == RowsPerDelete);
        }
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
                LogFailed(logger, s_interval.TotalMinutes, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "The upkeep of sessions and links failed; it is tried again in {Minutes} minutes")]
    private static partial void LogFailed(ILogger logger, double minutes, Exception error);
}
