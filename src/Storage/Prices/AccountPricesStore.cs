using System.Text;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;

namespace LlmObserve.Storage.Prices;

/// <summary>The prices of its own that an account has.</summary>
/// <param name="Version">Goes up with each change; 0 before the first.</param>
/// <param name="Prices">All of them.</param>
/// <param name="UpdatedAt">When they last changed; null before the first change.</param>
public sealed record AccountPriceList(int Version, AccountPrices Prices, DateTimeOffset? UpdatedAt)
{
    public static readonly AccountPriceList None = new(0, AccountPrices.None, null);
}

/// <summary>A list that has changed, as it is stored.</summary>
internal sealed record ChangedPrices(AccountId Account, long Change, int Version, string Overrides, DateTimeOffset UpdatedAt)
{
    /// <exception cref="InvalidDataException">It cannot be read: a newer program wrote it.</exception>
    public AccountPriceList Read() => new(
        Version,
        AccountPricesJson.Read(Encoding.UTF8.GetBytes(Overrides), out var faults)
            ?? throw new InvalidDataException($"The prices of account {Account} cannot be read: {faults[0].Path} {faults[0].Detail}"),
        UpdatedAt);
}

/// <summary>What accounts pay where that differs from the book: one list an account, always changed as a whole.</summary>
public sealed class AccountPricesStore(NpgsqlDataSource database)
{
    private const string Columns = "account_id, change, version, overrides, updated_at";

    /// <summary>The account's list.</summary>
    /// <exception cref="InvalidDataException">It cannot be read: a newer program wrote it.</exception>
    public async Task<AccountPriceList> GetAsync(AccountId account, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        read.Add($"SELECT {Columns} FROM price_overrides WHERE account_id = $1").Add(new() { Value = account.Value });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader).Read() : AccountPriceList.None;
    }

    /// <summary>Puts a list in the place of the one with the version before, and tells the audit log.</summary>
    /// <returns>False where that is no longer the account's version: nothing was written.</returns>
    public async Task<bool> ReplaceAsync(AccountId account, AccountPriceList list, AuditEntry audit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(list);
        await using var command = database.CreateCommand();
        command.Parameters.Add(new() { Value = account.Value });
        command.Parameters.Add(new() { Value = list.Version });
        command.Parameters.Add(new() { Value = Encoding.UTF8.GetString(AccountPricesJson.Write(list.Prices)) });
        command.Parameters.Add(Parameters.Instant(list.UpdatedAt));
        command.CommandText =
            $"""
            WITH turn AS (UPDATE price_override_changes SET last = last + 1 RETURNING last),
            done AS (
              INSERT INTO price_overrides (account_id, version, overrides, updated_at, change)
              SELECT $1, $2, $3, $4, last FROM turn WHERE $2 = 1 OR EXISTS (SELECT FROM price_overrides WHERE account_id = $1)
              ON CONFLICT (account_id) DO UPDATE
              SET version = excluded.version, overrides = excluded.overrides, updated_at = excluded.updated_at, change = excluded.change
              WHERE price_overrides.version = excluded.version - 1
              RETURNING 1)
            {AuditStore.With(command.Parameters, audit)} SELECT 1 FROM done
            """;
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>The number of the last change of any account.</summary>
    internal async Task<long> GetLastChangeAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT last FROM price_override_changes");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The lists that have changed after a change, in the order of their changes; of a list that changed twice the last.</summary>
    internal async Task<IReadOnlyList<ChangedPrices>> ListChangedAsync(long after, int rows, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"SELECT {Columns} FROM price_overrides WHERE change > $1 ORDER BY change LIMIT $2");
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = rows });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<ChangedPrices> changed = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            changed.Add(FromRow(reader));
        }

        return changed;
    }

    private static ChangedPrices FromRow(NpgsqlDataReader reader) => new(
        new AccountId(reader.GetGuid(0)), reader.GetInt64(1), reader.GetInt32(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4));
}
