using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Ledger;

/// <summary>A column of rows that travels to the server as one binary array parameter.</summary>
/// <param name="name">Name of the column.</param>
/// <param name="sqlType">Its type in PostgreSQL.</param>
internal abstract class ArrayColumn<TRow>(string name, string sqlType)
{
    public string Name { get; } = name;

    public string SqlType { get; } = sqlType;

    public abstract NpgsqlParameter CreateParameter();

    public abstract void Fill(NpgsqlParameter parameter, ReadOnlySpan<TRow> rows);
}

/// <inheritdoc />
internal sealed class ArrayColumn<TRow, T>(string name, string sqlType, NpgsqlDbType dbType, Func<TRow, T> read)
    : ArrayColumn<TRow>(name, sqlType)
{
    public override NpgsqlParameter CreateParameter() => new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | dbType };

    public override void Fill(NpgsqlParameter parameter, ReadOnlySpan<TRow> rows)
    {
        var values = new T[rows.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(rows[i]);
        }

        ((NpgsqlParameter<T[]>)parameter).TypedValue = values;
    }
}

/// <summary>Columns by the type of what they hold.</summary>
internal static class ArrayColumns<TRow>
{
    public static ArrayColumn<TRow> Uuid(string name, Func<TRow, Guid> read) => new ArrayColumn<TRow, Guid>(name, "uuid", NpgsqlDbType.Uuid, read);

    public static ArrayColumn<TRow> Bigint(string name, Func<TRow, long> read) =>
        new ArrayColumn<TRow, long>(name, "bigint", NpgsqlDbType.Bigint, read);

    public static ArrayColumn<TRow> Integer(string name, Func<TRow, int> read) =>
        new ArrayColumn<TRow, int>(name, "integer", NpgsqlDbType.Integer, read);

    public static ArrayColumn<TRow> Smallint(string name, Func<TRow, short> read) =>
        new ArrayColumn<TRow, short>(name, "smallint", NpgsqlDbType.Smallint, read);

    public static ArrayColumn<TRow> Boolean(string name, Func<TRow, bool> read) =>
        new ArrayColumn<TRow, bool>(name, "boolean", NpgsqlDbType.Boolean, read);

    public static ArrayColumn<TRow> Text(string name, Func<TRow, string?> read) =>
        new ArrayColumn<TRow, string?>(name, "text", NpgsqlDbType.Text, read);

    public static ArrayColumn<TRow> Numeric(string name, Func<TRow, decimal?> read) =>
        new ArrayColumn<TRow, decimal?>(name, "numeric", NpgsqlDbType.Numeric, read);

    public static ArrayColumn<TRow> Instant(string name, Func<TRow, DateTimeOffset> read) =>
        new ArrayColumn<TRow, DateTime>(name, "timestamptz", NpgsqlDbType.TimestampTz, row => read(row).UtcDateTime);
}
