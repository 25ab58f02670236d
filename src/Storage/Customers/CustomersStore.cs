using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Customers;

/// <summary>What an account says of one of its own customers.</summary>
/// <param name="Id">The account's id for it, as its events have it.</param>
/// <param name="Name">Shown to the account's members; null where the id says enough.</param>
/// <param name="MonthlyPrice">What the customer pays the account each month; null where that is not known.</param>
public sealed record CustomerRow(string Id, string? Name, Usd? MonthlyPrice)
{
    /// <summary>Nothing is said of it.</summary>
    public bool IsEmpty => Name is null && MonthlyPrice is null;
}

/// <summary>What became of a change.</summary>
public enum CustomerChange
{
    Done,

    /// <summary>It was so already.</summary>
    Nothing,

    /// <summary>The account has as many customers as it may have.</summary>
    TooMany,
}

/// <summary>Names and prices of the accounts' own customers.</summary>
public sealed class CustomersStore(NpgsqlDataSource database)
{
    /// <summary>Of one account. Prices are typed by people or kept in step by a program; whoever has more customers has a billing system to ask.</summary>
    public const int MaxCustomers = 10_000;

    /// <summary>Customers on a page at most.</summary>
    public const int MaxRows = 200;

    private const string Select = "SELECT customer_id, name, monthly_price_nanos FROM customers WHERE account_id = $1 ";

    /// <summary>What is said of one; null where nothing is.</summary>
    public async Task<CustomerRow?> GetAsync(AccountId account, string id, CancellationToken cancellationToken)
    {
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(Select + "AND customer_id = $2");
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Parameters.Text(id));
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    /// <summary>Those of these ids of which something is said, by id.</summary>
    public async Task<IReadOnlyList<CustomerRow>> ListAsync(AccountId account, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, MaxRows, nameof(ids));
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(Select + "AND customer_id = ANY($2) ORDER BY customer_id");
        parameters.Add(new() { Value = account.Value });
        parameters.Add(new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return await RowsAsync(read, cancellationToken);
    }

    /// <summary>One page, by id.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="part">In the id or the name, however written; null for all.</param>
    /// <param name="after">The last id of the page before; null for the first.</param>
    /// <param name="rows">How many; at most one more than <see cref="MaxRows"/>, which tells whether there are more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<CustomerRow>> ListAsync(AccountId account, string? part, string? after, int rows, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows is > 0 and <= MaxRows + 1, true, nameof(rows));
        await using var read = new AccountRead(database, account);
        var parameters = read.Add(Select +
            """
            AND ($2::text IS NULL OR customer_id > $2) AND ($3::text IS NULL OR strpos(lower(customer_id), lower($3)) > 0 OR strpos(lower(name), lower($3)) > 0)
            ORDER BY customer_id LIMIT $4
            """);
        parameters.Add(new() { Value = account.Value });
        parameters.Add(Parameters.Text(after));
        parameters.Add(Parameters.Text(part));
        parameters.Add(new() { Value = rows });
        return await RowsAsync(read, cancellationToken);
    }

    /// <summary>Says this of a customer, or nothing any more, and tells the audit log.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="customer">All that is said from now on.</param>
    /// <param name="audit">The entry, of what was said before; null where nothing was.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<CustomerChange> PutAsync(
        AccountId account, CustomerRow customer, Func<CustomerRow?, AuditEntry> audit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(customer);
        ArgumentNullException.ThrowIfNull(audit);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Changes of one account come one after the other: what was there before, and how many, is true until this one is durable.
        await using var hold = Command(transaction, "SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", account);
        await hold.ExecuteNonQueryAsync(cancellationToken);
        var before = await FindAsync(transaction, account, customer.Id, cancellationToken);
        if (before == customer || (before is null && customer.IsEmpty))
        {
            return CustomerChange.Nothing;
        }

        if (before is null && await CountAsync(transaction, account, cancellationToken) >= MaxCustomers)
        {
            return CustomerChange.TooMany;
        }

        await using var write = Command(
            transaction,
            customer.IsEmpty
                ? "DELETE FROM customers WHERE account_id = $1 AND customer_id = $2"
                : """
                  INSERT INTO customers (account_id, customer_id, name, monthly_price_nanos, updated_at) VALUES ($1, $2, $3, $4, $5)
                  ON CONFLICT (account_id, customer_id) DO UPDATE
                  SET name = excluded.name, monthly_price_nanos = excluded.monthly_price_nanos, updated_at = excluded.updated_at
                  """,
            account);
        write.Parameters.Add(Parameters.Text(customer.Id));
        if (!customer.IsEmpty)
        {
            write.Parameters.Add(Parameters.Text(customer.Name));
            write.Parameters.Add(new() { Value = (object?)customer.MonthlyPrice?.Nanos ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
            write.Parameters.Add(Parameters.Instant(now));
        }

        await write.ExecuteNonQueryAsync(cancellationToken);
        await AuditStore.InsertAsync(transaction, audit(before), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return CustomerChange.Done;
    }

    private static async Task<IReadOnlyList<CustomerRow>> RowsAsync(AccountRead read, CancellationToken cancellationToken)
    {
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        List<CustomerRow> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(FromRow(reader));
        }

        return found;
    }

    private static async Task<CustomerRow?> FindAsync(NpgsqlTransaction transaction, AccountId account, string id, CancellationToken cancellationToken)
    {
        await using var find = Command(transaction, Select + "AND customer_id = $2", account);
        find.Parameters.Add(Parameters.Text(id));
        await using var reader = await find.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? FromRow(reader) : null;
    }

    private static async Task<long> CountAsync(NpgsqlTransaction transaction, AccountId account, CancellationToken cancellationToken)
    {
        await using var count = Command(transaction, "SELECT count(*) FROM customers WHERE account_id = $1", account);
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, AccountId account) =>
        new(sql, transaction.Connection, transaction) { Parameters = { new() { Value = account.Value } } };

    private static CustomerRow FromRow(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : new Usd(reader.GetInt64(2)));
}
