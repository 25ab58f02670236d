using LlmObserve.Domain.Audit;
using LlmObserve.Storage.RowSecurity;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Audit;

/// <summary>
/// Who did what. An entry is written in the transaction of what it tells of: there is no change without its entry, and no entry without its change.
/// </summary>
public sealed class AuditStore(NpgsqlDataSource database)
{
    /// <summary>Entries on a page at most.</summary>
    public const int MaxRows = 200;

    /// <summary>Each branch reads one stretch of the index in its order, and no more rows than the page has.</summary>
    private static readonly string s_select = $"SELECT * FROM ({Branch("= $1")} UNION ALL {Branch("IS NULL")}) found ORDER BY at DESC, id DESC LIMIT $9";

    private static string Branch(string whose) =>
        $"""
        (SELECT id, at, account_id IS NULL, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name, ip, request_id,
                before::text, after::text
         FROM audit_log
         WHERE account_id {whose} AND at >= coalesce($2, '-infinity') AND at < coalesce($3, 'infinity')
           AND ($4::text IS NULL OR action = $4 OR object_kind = $4) AND ($5::text IS NULL OR actor_id = $5 OR actor_name = $5)
           AND ($6::text IS NULL OR object_id = $6) AND ($7::timestamptz IS NULL OR (at, id) < ($7, $8))
         ORDER BY at DESC, id DESC LIMIT $9)
        """;

    private const string Into =
        "INSERT INTO audit_log (id, account_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name, ip, request_id, before, after) ";

    private const int Columns = 14;

    /// <summary>One page, newest first: the account's entries and those of the whole installation.</summary>
    /// <param name="query">Whose and which.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="rows">How many; at most <see cref="MaxRows"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(
        AuditQuery query, AuditPosition? after, int rows, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows is > 0 and <= MaxRows, true, nameof(rows));
        await using var read = new AccountRead(database, query.Account);
        var parameters = read.Add(s_select);
        parameters.Add(new() { Value = query.Account.Value });
        parameters.Add(Parameters.Instant(query.From));
        parameters.Add(Parameters.Instant(query.To));
        parameters.Add(Parameters.Text(query.Action));
        parameters.Add(Parameters.Text(query.Actor));
        parameters.Add(Parameters.Text(query.ObjectId));
        parameters.Add(Parameters.Instant(after?.At));
        parameters.Add(new() { Value = (object?)after?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        parameters.Add(new() { Value = rows });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var found = new List<AuditRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new AuditRow(
                reader.GetGuid(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetBoolean(2),
                reader.GetString(3),
                Text(reader, 4),
                Text(reader, 5),
                reader.GetString(6),
                reader.GetString(7),
                Text(reader, 8),
                Text(reader, 9),
                Text(reader, 10),
                Text(reader, 11),
                Text(reader, 12),
                Text(reader, 13)));
        }

        return found;
    }

    /// <summary>Adds an entry to a transaction.</summary>
    internal static async Task InsertAsync(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"{Into} VALUES ({Placeholders(0)})", transaction.Connection, transaction);
        AddParameters(command.Parameters, entry);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// A part of a statement that adds an entry where the part called <c>done</c>, which made the change, has a row. Its parameters follow those
    /// that are there; null adds nothing.
    /// </summary>
    internal static string With(NpgsqlParameterCollection parameters, AuditEntry? entry)
    {
        if (entry is null)
        {
            return "";
        }

        var sql = $", audit AS ({Into} SELECT {Placeholders(parameters.Count)} FROM done)";
        AddParameters(parameters, entry);
        return sql;
    }

    private static string Placeholders(int before) => string.Join(", ", Enumerable.Range(before + 1, Columns).Select(n => $"${n}"));

    private static void AddParameters(NpgsqlParameterCollection parameters, AuditEntry entry)
    {
        parameters.Add(new() { Value = entry.Id });
        parameters.Add(new() { Value = (object?)entry.Account?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        parameters.Add(Parameters.Instant(entry.At));
        parameters.Add(Parameters.Text(Actor.ToWire(entry.Actor.Kind)));
        parameters.Add(Parameters.Text(entry.Actor.Id));
        parameters.Add(Parameters.Text(entry.Actor.Name));
        parameters.Add(Parameters.Text(entry.Action));
        parameters.Add(Parameters.Text(entry.Object.Kind));
        parameters.Add(Parameters.Text(entry.Object.Id));
        parameters.Add(Parameters.Text(entry.Object.Name));
        parameters.Add(Parameters.Text(entry.Actor.Ip));
        parameters.Add(Parameters.Text(entry.Actor.RequestId));
        parameters.Add(Json(entry.Before));
        parameters.Add(Json(entry.After));
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlParameter Json(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };
}
