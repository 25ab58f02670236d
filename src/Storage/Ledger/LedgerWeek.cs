namespace LlmObserve.Storage.Ledger;

/// <summary>A week of receipt, from Monday 00:00 UTC: one partition of <c>events</c>.</summary>
/// <param name="Monday">Its first day.</param>
public readonly record struct LedgerWeek(DateOnly Monday)
{
    private const int Days = 7;
    private const string Prefix = "events_";
    private const string NameFormat = "yyyyMMdd";

    /// <summary>First instant of the week.</summary>
    public DateTimeOffset Start => new(Monday, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>First instant of the next week.</summary>
    public DateTimeOffset End => Next.Start;

    public LedgerWeek Previous => new(Monday.AddDays(-Days));

    public LedgerWeek Next => new(Monday.AddDays(Days));

    /// <summary>The partition's table, <c>events_20261116</c>.</summary>
    public string TableName => Prefix + Monday.ToString(NameFormat);

    /// <summary>The week that holds an instant.</summary>
    public static LedgerWeek Of(DateTimeOffset receivedAt)
    {
        var date = DateOnly.FromDateTime(receivedAt.UtcDateTime);
        return new(date.AddDays(-(((int)date.DayOfWeek + Days - 1) % Days)));
    }

    /// <summary>Reads the name of a partition.</summary>
    public static bool TryParse(string tableName, out LedgerWeek week)
    {
        week = default;
        if (!tableName.StartsWith(Prefix, StringComparison.Ordinal)
            || !DateOnly.TryParseExact(tableName.AsSpan(Prefix.Length), NameFormat, out var monday)
            || monday.DayOfWeek != DayOfWeek.Monday)
        {
            return false;
        }

        week = new(monday);
        return true;
    }

    public override string ToString() => TableName;
}
