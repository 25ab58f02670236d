using LlmObserve.Domain.Accounts;
using Npgsql;

namespace LlmObserve.Storage.RowSecurity;

/// <summary>
/// A read of one account, which the database holds to that account: it runs as <see cref="DatabaseRoles.Reader"/>, and its transaction names the
/// account. A query that forgets its filter, or is given another account's id, finds nothing of others.
/// <para>
/// Role and account are set by a first command in the same round trip, until the transaction ends. Without a transaction of its own that is the
/// batch, which PostgreSQL runs as one: whatever becomes of it, nothing of it stays with the connection.
/// </para>
/// </summary>
internal sealed class AccountRead : IAsyncDisposable
{
    private const string EnterSql = $"SELECT set_config('role', '{DatabaseRoles.Reader}', true), set_config('llmobserve.account', $1, true)";

    private readonly NpgsqlBatch _batch;

    private AccountRead(NpgsqlBatch batch, AccountId account)
    {
        _batch = batch;
        _batch.BatchCommands.Add(new(EnterSql) { Parameters = { new NpgsqlParameter<string> { TypedValue = account.Value.ToString() } } });
    }

    /// <summary>A read on a connection of the pool, in a transaction of its own.</summary>
    public AccountRead(NpgsqlDataSource database, AccountId account)
        : this(database.CreateBatch(), account)
    {
    }

    /// <summary>A read in a transaction, which is the account's from then on.</summary>
    public AccountRead(NpgsqlTransaction transaction, AccountId account)
        : this(new NpgsqlBatch(transaction.Connection, transaction), account)
    {
    }

    /// <summary>Adds a query; what is returned takes its parameters.</summary>
    public NpgsqlParameterCollection Add(string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        _batch.BatchCommands.Add(command);
        return command.Parameters;
    }

    /// <summary>Adds a query.</summary>
    public void Add(NpgsqlBatchCommand query) => _batch.BatchCommands.Add(query);

    /// <summary>Runs the queries; the reader stands at the answer of the first.</summary>
    public async Task<NpgsqlDataReader> ExecuteReaderAsync(CancellationToken cancellationToken)
    {
        var reader = await _batch.ExecuteReaderAsync(cancellationToken);
        try
        {
            await reader.NextResultAsync(cancellationToken);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
