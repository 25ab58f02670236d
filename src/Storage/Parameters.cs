using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage;

/// <summary>Parameters that Npgsql cannot guess from the value.</summary>
internal static class Parameters
{
    public static NpgsqlParameter Instant(DateTimeOffset instant) => new() { Value = instant.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
