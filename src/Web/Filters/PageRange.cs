using System.Globalization;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Web.Filters;

/// <summary>The stretch of time that a page shows, by the word in its address: <c>range=7d</c>, or <c>range=custom&amp;from=2026-11-01&amp;to=2026-11-21</c>.</summary>
/// <param name="Word">One of <see cref="Words"/>.</param>
/// <param name="From">The first day, of a custom range.</param>
/// <param name="To">The last day, of a custom range.</param>
public sealed record PageRange(string Word, DateOnly? From = null, DateOnly? To = null)
{
    public const string Custom = "custom";

    private const string DateFormat = "yyyy-MM-dd";

    /// <summary>Days that somebody could mean. Further away a calendar ends, and with it what a zone can say of it.</summary>
    private static readonly DateOnly s_first = new(1970, 1, 2);

    private static readonly DateOnly s_last = new(2999, 12, 31);

    /// <summary>What a page shows whose address says nothing.</summary>
    public static readonly PageRange Default = new("30d");

    /// <summary>Every word with what a person reads, shortest first.</summary>
    public static readonly IReadOnlyList<(string Word, string Name)> Words =
    [
        ("1h", "Last hour"),
        ("24h", "Last 24 hours"),
        ("today", "Today"),
        ("7d", "Last 7 days"),
        ("week", "This week"),
        ("30d", "Last 30 days"),
        ("month", "This month"),
        ("last-month", "Last month"),
        ("90d", "Last 90 days"),
        (Custom, "Custom"),
    ];

    public string Name => Words.First(word => word.Word == Word).Name;

    /// <summary>The range of an address; one that nobody could have chosen is the default.</summary>
    public static PageRange Read(string? word, string? from, string? to)
    {
        if (!Words.Any(known => known.Word == word))
        {
            return Default;
        }

        return word == Custom && Date(from) is { } first && Date(to) is { } last
            ? first <= last ? new PageRange(Custom, first, last) : new PageRange(Custom, last, first)
            : word == Custom ? Default : new PageRange(word!);
    }

    /// <summary>The instants that it covers; one that goes on now ends with the day.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Window(AccountZone zone, DateTimeOffset now)
    {
        var tomorrow = zone.StartOf(zone.DateOf(now).AddDays(1));
        return Word switch
        {
            "1h" => (now.AddHours(-1), tomorrow),
            "24h" => (now.AddHours(-24), tomorrow),
            "today" => (zone.DayStart(now), tomorrow),
            "7d" => (LastDays(7), tomorrow),
            "week" => (zone.WeekStart(now), tomorrow),
            "month" => (zone.MonthStart(now), tomorrow),
            "last-month" => (zone.PreviousPeriodStart(CapPeriod.Monthly, now), zone.MonthStart(now)),
            "90d" => (LastDays(90), tomorrow),
            Custom => (zone.StartOf(From!.Value), zone.StartOf(To!.Value.AddDays(1))),
            _ => (LastDays(30), tomorrow),
        };

        // Today is the last of them: whole days, so that the figures of a row of days add up to those of the page.
        DateTimeOffset LastDays(int days) => zone.StartOf(zone.DateOf(now).AddDays(1 - days));
    }

    public string? FromText => From?.ToString(DateFormat, CultureInfo.InvariantCulture);

    public string? ToText => To?.ToString(DateFormat, CultureInfo.InvariantCulture);

    private static DateOnly? Date(string? text) =>
        DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date >= s_first && date <= s_last ? date : null;
}
