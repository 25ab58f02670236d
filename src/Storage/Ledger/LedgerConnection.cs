using System.Data;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>What <see cref="CommitStatement"/> answered.</summary>
/// <param name="BaseByAccount">Per part the sequence that it stood at, <see cref="CommitStatement.Fenced"/> or <see cref="CommitStatement.HasDuplicates"/>.</param>
/// <param name="DuplicateRows">Ordinals, from 1 over all parts, of the rows whose ids exist.</param>
internal readonly record struct CommitAnswer(long[] BaseByAccount, int[] DuplicateRows);

/// <summary>
/// A connection of the writer's own, on which the append stays prepared. It has a role that can append and nothing else. Used by one commit at
/// a time.
/// </summary>
internal sealed class LedgerConnection(NpgsqlDataSource db, LedgerTimeouts timeouts) : IAsyncDisposable
{
    /// <summary>This week, the last, and the next at its turn.</summary>
    private const int MaxPreparedWeeks = 3;

    /// <summary>
    /// One plan for good, made without looking at the sizes of this commit or of a week that has just begun: every table is entered through
    /// an index. Compiling the statement would take longer than running it.
    /// </summary>
    private const string Settings =
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off; "
        + "SET synchronous_commit = on; ";

    /// <summary>A server that says nothing must not keep this process from stopping.</summary>
    private const int ResetTimeoutSeconds = 5;

    private readonly Dictionary<LedgerWeek, NpgsqlCommand> _commands = [];
    private NpgsqlConnection? _connection;

    /// <summary>Connects and prepares. Whatever it throws, nothing was written.</summary>
    public async Task PrepareAsync(LedgerWeek week, CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            var connection = await db.OpenConnectionAsync(cancellationToken);
            _connection = connection;
            await using var settings = new NpgsqlCommand($"{Settings}{timeouts.Settings}; SET ROLE {DatabaseRoles.Ledger}", connection);
            await settings.ExecuteNonQueryAsync(cancellationToken);
        }

        if (_commands.ContainsKey(week))
        {
            return;
        }

        if (_commands.Count == MaxPreparedWeeks)
        {
            var oldest = _commands.MinBy(command => command.Key.Monday);
            _commands.Remove(oldest.Key);
            await oldest.Value.UnprepareAsync(cancellationToken);
            await oldest.Value.DisposeAsync();
        }

        var made = new NpgsqlCommand(CommitStatement.Text(week), _connection) { CommandTimeout = timeouts.CommandSeconds };
        LedgerCommit.AddParameters(made.Parameters);
        await made.PrepareAsync(cancellationToken);
        _commands.Add(week, made);
    }

    /// <summary>
    /// Runs a commit for a week that is prepared. A <see cref="PostgresException"/> with severity ERROR means that nothing was written;
    /// whatever else it throws leaves the outcome open.
    /// </summary>
    public async Task<CommitAnswer> ExecuteAsync(LedgerCommit commit)
    {
        var command = _commands[commit.Week];
        commit.FillParameters(command.Parameters);

        // Not to be cancelled: a commit is many callers', and what was sent has to be waited for to be known.
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        var answer = new CommitAnswer(
            await reader.GetFieldValueAsync<long[]>(0, CancellationToken.None), await reader.GetFieldValueAsync<int[]>(1, CancellationToken.None));

        // The rows come before the commit. Only the end of the answer says that it happened.
        while (await reader.NextResultAsync(CancellationToken.None))
        {
        }

        return answer;
    }

    /// <summary>Drops a connection that may be broken; the next commit makes a new one.</summary>
    public async ValueTask ResetAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync();
        }

        _commands.Clear();
        if (_connection is { } connection)
        {
            _connection = null;
            await GiveBackAsync(connection);
        }
    }

    /// <summary>Npgsql resets what it pools, unless its connection string has No Reset On Close: role and settings must not outlive this use.</summary>
    private static async Task GiveBackAsync(NpgsqlConnection connection)
    {
        await using (connection)
        {
            if (connection.FullState != ConnectionState.Open)
            {
                return;
            }

            try
            {
                await using var reset = new NpgsqlCommand("RESET ROLE; RESET ALL", connection) { CommandTimeout = ResetTimeoutSeconds };
                await reset.ExecuteNonQueryAsync(CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // Broken: then the pool drops it. If not, this makes it do so.
                NpgsqlConnection.ClearPool(connection);
            }
        }
    }

    public ValueTask DisposeAsync() => ResetAsync();
}
