using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage;

/// <summary>Parameters that Npgsql cannot guess from the value.</summary>
internal static class Parameters
{
    public static NpgsqlParameter Instant(DateTimeOffset? instant) =>
        new() { Value = (object?)instant?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    public static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
