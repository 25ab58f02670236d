using Npgsql;
using NpgsqlTypes;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// A column of rows that travels to the server as one binary array parameter. Where every row has the column's usual value, the array is
/// empty and the statement puts that value in: most columns of most commits.
/// </summary>
/// <param name="name">Name of the column.</param>
/// <param name="sqlType">Its type in PostgreSQL.</param>
/// <param name="usualSql">Its usual value, as SQL; null where it has none or where that is NULL.</param>
internal abstract class ArrayColumn<TRow>(string name, string sqlType, string? usualSql)
{
    public string Name { get; } = name;

    public string SqlType { get; } = sqlType;

    /// <summary>What to insert: functions that return sets in one select list give NULL from where their array ends.</summary>
    public string ValueSql { get; } = usualSql is null ? name : $"coalesce({name}, {usualSql})";

    public abstract NpgsqlParameter CreateParameter();

    public abstract void Fill(NpgsqlParameter parameter, ReadOnlySpan<TRow> rows);
}

/// <inheritdoc />
internal sealed class ArrayColumn<TRow, T>(
    string name, string sqlType, NpgsqlDbType dbType, Func<TRow, T> read, bool hasUsual = false, T? usual = default, string? usualSql = null)
    : ArrayColumn<TRow>(name, sqlType, usualSql)
{
    public override NpgsqlParameter CreateParameter() => new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | dbType };

    public override void Fill(NpgsqlParameter parameter, ReadOnlySpan<TRow> rows) =>
        ((NpgsqlParameter<T[]>)parameter).TypedValue = hasUsual && AllUsual(rows) ? [] : ReadAll(rows);

    private bool AllUsual(ReadOnlySpan<TRow> rows)
    {
        foreach (var row in rows)
        {
            if (!EqualityComparer<T>.Default.Equals(read(row), usual))
            {
                return false;
            }
        }

        return true;
    }

    private T[] ReadAll(ReadOnlySpan<TRow> rows)
    {
        var values = new T[rows.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(rows[i]);
        }

        return values;
    }
}

/// <summary>Columns by the type of what they hold. Those of which most rows have one value say so in their names.</summary>
internal static class ArrayColumns<TRow>
{
    public static ArrayColumn<TRow> Uuid(string name, Func<TRow, Guid> read) => new ArrayColumn<TRow, Guid>(name, "uuid", NpgsqlDbType.Uuid, read);

    public static ArrayColumn<TRow> Bigint(string name, Func<TRow, long> read) =>
        new ArrayColumn<TRow, long>(name, "bigint", NpgsqlDbType.Bigint, read);

    public static ArrayColumn<TRow> BigintOrZero(string name, Func<TRow, long> read) =>
        new ArrayColumn<TRow, long>(name, "bigint", NpgsqlDbType.Bigint, read, hasUsual: true, 0, "0");

    public static ArrayColumn<TRow> BigintOrNull(string name, Func<TRow, long?> read) =>
        new ArrayColumn<TRow, long?>(name, "bigint", NpgsqlDbType.Bigint, read, hasUsual: true);

    public static ArrayColumn<TRow> Integer(string name, Func<TRow, int> read) =>
        new ArrayColumn<TRow, int>(name, "integer", NpgsqlDbType.Integer, read);

    public static ArrayColumn<TRow> IntegerOrZero(string name, Func<TRow, int> read) =>
        new ArrayColumn<TRow, int>(name, "integer", NpgsqlDbType.Integer, read, hasUsual: true, 0, "0");

    public static ArrayColumn<TRow> Smallint(string name, Func<TRow, short> read) =>
        new ArrayColumn<TRow, short>(name, "smallint", NpgsqlDbType.Smallint, read);

    public static ArrayColumn<TRow> BooleanOrFalse(string name, Func<TRow, bool> read) =>
        new ArrayColumn<TRow, bool>(name, "boolean", NpgsqlDbType.Boolean, read, hasUsual: true, usual: false, "false");

    public static ArrayColumn<TRow> Text(string name, Func<TRow, string> read) =>
        new ArrayColumn<TRow, string>(name, "text", NpgsqlDbType.Text, read);

    public static ArrayColumn<TRow> TextOrNull(string name, Func<TRow, string?> read) =>
        new ArrayColumn<TRow, string?>(name, "text", NpgsqlDbType.Text, read, hasUsual: true);

    public static ArrayColumn<TRow> NumericOrOne(string name, Func<TRow, decimal> read) =>
        new ArrayColumn<TRow, decimal>(name, "numeric", NpgsqlDbType.Numeric, read, hasUsual: true, 1m, "1");

    public static ArrayColumn<TRow> NumericOrNull(string name, Func<TRow, decimal?> read) =>
        new ArrayColumn<TRow, decimal?>(name, "numeric", NpgsqlDbType.Numeric, read, hasUsual: true);

    public static ArrayColumn<TRow> Instant(string name, Func<TRow, DateTimeOffset> read) =>
        new ArrayColumn<TRow, DateTime>(name, "timestamptz", NpgsqlDbType.TimestampTz, row => read(row).UtcDateTime);
}
