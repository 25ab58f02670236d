using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Ledger;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Accounts;

/// <summary>
/// Deletes the data of accounts that were closed long enough ago, for good. Every process may run it: an advisory lock lets one at an account. It
/// goes in batches that each stand for themselves, so that whoever is stopped in the middle leaves the rest to the next round.
/// </summary>
public sealed partial class AccountPurge(NpgsqlDataSource database, LedgerPartitions partitions, TimeProvider time, ILogger<AccountPurge> logger)
    : BackgroundService
{
    /// <summary>Far below the month of grace.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    /// <summary>Looked at in one round. What does not fit comes with the next.</summary>
    private const int AccountsPerRound = 1_000;

    /// <summary>Any number that no other advisory lock of this database begins with; it reads "prg" in ASCII.</summary>
    private const int LockClass = 0x707267;

    /// <summary>One round: every account whose time is over.</summary>
    /// <returns>How many are gone.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var purged = 0;
        foreach (var account in await ListDueAsync(cancellationToken))
        {
            try
            {
                purged += await PurgeAsync(account, cancellationToken) ? 1 : 0;
            }
            catch (NpgsqlException error)
            {
                // One that cannot be deleted must not keep the others.
                LogAccountFailed(logger, account, s_interval.TotalMinutes, error);
            }
        }

        return purged;
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

    private async Task<List<AccountId>> ListDueAsync(CancellationToken cancellationToken)
    {
        await using var list = database.CreateCommand("SELECT id FROM accounts WHERE purge_at <= $1 ORDER BY purge_at LIMIT $2");
        list.Parameters.Add(Parameters.Instant(time.GetUtcNow()));
        list.Parameters.Add(new() { Value = AccountsPerRound });
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<AccountId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(new AccountId(reader.GetGuid(0)));
        }

        return accounts;
    }

    /// <summary>False where another process is at it, or it was restored meanwhile.</summary>
    private async Task<bool> PurgeAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await IsTrueAsync(connection, $"SELECT pg_try_advisory_lock({LockClass}, hashtext($1::text))", account, cancellationToken))
        {
            return false;
        }

        try
        {
            var deletion = new AccountDeletion(connection, account, time.GetUtcNow());
            if (!await deletion.BeginAsync(cancellationToken))
            {
                return false;
            }

            var rows = await deletion.DeleteAsync(await partitions.ListAsync(cancellationToken), cancellationToken);
            if (!await deletion.FinishAsync(cancellationToken))
            {
                return false;
            }

            LogPurged(logger, account, rows);
            return true;
        }
        finally
        {
            // The connection goes back to its pool; one that broke has let go already.
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await IsTrueAsync(connection, $"SELECT pg_advisory_unlock({LockClass}, hashtext($1::text))", account, CancellationToken.None);
            }
        }
    }

    private static async Task<bool> IsTrueAsync(NpgsqlConnection connection, string sql, AccountId account, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = account.Value });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
