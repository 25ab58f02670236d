using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.GrainState;

/// <summary>Names one persistent state of one grain.</summary>
public readonly record struct GrainStateKey(string GrainType, string GrainKey, string StateName);

/// <summary>A stored state; the payload is null after it was cleared. The etag changes with every write and never comes back.</summary>
public sealed record GrainStateRecord(byte[]? Payload, long Etag);

/// <summary>Persistent states of grains. A write names the etag that it read; where another came between, nothing is written.</summary>
public sealed class GrainStateStore(NpgsqlDataSource db)
{
    /// <summary>The etag of a state that was never written.</summary>
    public const long NoEtag = 0;

    /// <summary>The state; null where it was never written.</summary>
    public async Task<GrainStateRecord?> ReadAsync(GrainStateKey key, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(
            "SELECT payload, etag FROM grain_state WHERE grain_type = $1 AND grain_key = $2 AND state_name = $3");
        AddKey(command, key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new GrainStateRecord(reader.IsDBNull(0) ? null : reader.GetFieldValue<byte[]>(0), reader.GetInt64(1))
            : null;
    }

    /// <summary>Writes a state, or clears it where <paramref name="payload"/> is null.</summary>
    /// <param name="key">Which state.</param>
    /// <param name="payload">What to keep; null to clear.</param>
    /// <param name="etag">The etag that was read, or <see cref="NoEtag"/>.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Ends the wait; the write may have happened.</param>
    /// <returns>The new etag; null where the stored one differs: nothing was written.</returns>
    public async Task<long?> WriteAsync(
        GrainStateKey key, byte[]? payload, long etag, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var sql = etag == NoEtag
            ? """
              INSERT INTO grain_state (grain_type, grain_key, state_name, payload, etag, updated_at) VALUES ($1, $2, $3, $4, $5 + 1, $6)
              ON CONFLICT (grain_type, grain_key, state_name) DO NOTHING
              """
            : """
              UPDATE grain_state SET payload = $4, etag = etag + 1, updated_at = $6
              WHERE grain_type = $1 AND grain_key = $2 AND state_name = $3 AND etag = $5
              """;
        await using var command = db.CreateCommand(sql);
        AddKey(command, key);
        command.Parameters.Add(new() { Value = payload is null ? DBNull.Value : payload, NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new() { Value = etag });
        command.Parameters.Add(Parameters.Instant(now));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? etag + 1 : null;
    }

    private static void AddKey(NpgsqlCommand command, GrainStateKey key)
    {
        command.Parameters.Add(new() { Value = key.GrainType });
        command.Parameters.Add(new() { Value = key.GrainKey });
        command.Parameters.Add(new() { Value = key.StateName });
    }
}
