using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using Npgsql;

namespace LlmObserve.Storage.Runs;

/// <summary>Reads the columns that <see cref="RunsSql"/> asks for, in its order.</summary>
internal static class RunRowReader
{
    private const int FirstAt = 10;
    private const int LastAt = 11;

    /// <summary>The sums that begin at column <paramref name="first"/>.</summary>
    public static RunFigures Figures(NpgsqlDataReader reader, int first) => new()
    {
        Calls = reader.GetInt64(first),
        Cost = new Usd(reader.GetInt64(first + 1)),
        Errors = reader.GetInt64(first + 2),
        Unpriced = reader.GetInt64(first + 3),
        InputTokens = reader.GetInt64(first + 4),
        OutputTokens = reader.GetInt64(first + 5),
        CachedTokens = reader.GetInt64(first + 6),
        LatencyMs = reader.GetInt64(first + 7),
        P50Ms = reader.IsDBNull(first + 8) ? null : reader.GetInt32(first + 8),
        P95Ms = reader.IsDBNull(first + 9) ? null : reader.GetInt32(first + 9),
        Measured = reader.GetInt64(first + 12),
    };

    /// <summary>The same sums, as those of a whole run of which at most <paramref name="mostEvents"/> are meant to be summed.</summary>
    public static RunSummary Summary(NpgsqlDataReader reader, string runId, int first, int mostEvents)
    {
        var figures = Figures(reader, first);
        return new RunSummary(
            runId,
            reader.GetFieldValue<DateTimeOffset>(first + FirstAt),
            reader.GetFieldValue<DateTimeOffset>(first + LastAt),
            figures,
            figures.Calls > mostEvents);
    }

    public static RunEvent Event(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetString(0),
        SpanId = reader.GetString(1),
        ParentSpanId = TextOrNull(reader, 2),
        Section = reader.GetString(3),
        SectionPath = reader.GetString(4),
        SpanType = reader.GetString(5),
        Provider = reader.GetString(6),
        Endpoint = reader.GetString(7),
        Model = reader.GetString(8),
        ModelRaw = TextOrNull(reader, 9),
        CustomerId = reader.GetString(10),
        InputTokens = reader.GetInt64(11),
        OutputTokens = reader.GetInt64(12),
        CachedTokens = reader.GetInt64(13),
        Cost = new Usd(reader.GetInt64(14)),
        LatencyMs = reader.GetInt32(15),
        Status = reader.GetString(16),
        IsError = reader.GetBoolean(17),
        Unpriced = reader.GetBoolean(18),
        SemanticLabel = TextOrNull(reader, 19),
        OccurredAt = reader.GetFieldValue<DateTimeOffset>(20),
        Hold = reader.IsDBNull(21) ? null : Hold(reader, 21),
    };

    private static RunEventHold Hold(NpgsqlDataReader reader, int first) => new(
        reader.GetString(first),
        reader.IsDBNull(first + 1) ? null : Outcome(reader.GetString(first + 1)),
        reader.IsDBNull(first + 2) ? null : new Usd(reader.GetInt64(first + 2)),
        reader.GetBoolean(first + 3));

    private static HoldOutcome Outcome(string word) => HoldWords.TryParseOutcome(word, out var outcome)
        ? outcome
        : throw new InvalidDataException($"the database holds '{word}' for a {nameof(HoldOutcome)}");

    private static string? TextOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
