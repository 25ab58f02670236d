using LlmObserve.Domain.Audit;
using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Audit;

/// <summary>
/// Who did what. An entry is written in the transaction of what it tells of: there is no change without its entry, and no entry without its change.
/// </summary>
public static class AuditStore
{
    private const string Insert =
        """
        INSERT INTO audit_log (id, account_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name, ip, request_id, before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    /// <summary>Adds an entry to a transaction.</summary>
    internal static async Task InsertAsync(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, transaction.Connection, transaction);
        AddParameters(command.Parameters, entry);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddParameters(NpgsqlParameterCollection parameters, AuditEntry entry)
    {
        parameters.Add(new() { Value = entry.Id });
        parameters.Add(new() { Value = (object?)entry.Account?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        parameters.Add(Parameters.Instant(entry.At));
        parameters.Add(Text(Actor.ToWire(entry.Actor.Kind)));
        parameters.Add(Text(entry.Actor.Id));
        parameters.Add(Text(entry.Actor.Name));
        parameters.Add(Text(entry.Action));
        parameters.Add(Text(entry.Object.Kind));
        parameters.Add(Text(entry.Object.Id));
        parameters.Add(Text(entry.Object.Name));
        parameters.Add(Text(entry.Actor.Ip));
        parameters.Add(Text(entry.Actor.RequestId));
        parameters.Add(Json(entry.Before));
        parameters.Add(Json(entry.After));
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Json(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };
}
