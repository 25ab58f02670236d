using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Storage.Tests.Stats;

/// <summary>What statistics must equal: sums over the events themselves.</summary>
internal static class PlainSums
{
    public static IEnumerable<StatsWindow> WindowsUpTo(DateTimeOffset now) =>
    [
        new(now.AddHours(-1), now),
        new(now.AddHours(-24), now),
        new(now.AddDays(-5), now),
        new(now.AddDays(-30), now),
        new(now.AddHours(-9), now.AddHours(-3)),
        new(now.AddDays(-4), now.AddDays(-2)),
        new(now.AddDays(-20), now.AddDays(-3)),
        new(now.AddDays(-20), now.AddDays(-12)),
        new(now.AddDays(-20), now.AddDays(-20).AddHours(2)),
        new(now.AddDays(-7.99), now.AddDays(-7.9)),
        new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 3, 0, 0, 0, TimeSpan.Zero)),
    ];

    /// <summary>All that was asked for, and at most a day more at each edge; an open window reaches beyond now.</summary>
    public static void AssertCovers(StatsWindow window, StatsWindow asked, DateTimeOffset now)
    {
        Assert.InRange(window.From, asked.From.AddDays(-1.1), asked.From);
        Assert.InRange(window.To, asked.To, asked.To.AddDays(1.1));
        Assert.True(asked.To < now || window.To > now, "an open window holds what happens now");
    }

    public static List<StatsRow> Expected(IEnumerable<LedgerEvent> events, StatsWindow window, StatsFilter filter, StatsGroup group) =>
    [
        .. Matching(events, window, filter)
            .GroupBy(e => NameIn(e, group))
            .Select(rows => new StatsRow(rows.Key, Sum(rows)))
            .OrderByDescending(row => row.Figures.Cost)
            .ThenBy(row => row.Name, StringComparer.Ordinal),
    ];

    public static string NameIn(LedgerEvent e, StatsGroup group) => group switch
    {
        StatsGroup.Provider => e.Provider,
        StatsGroup.Model => e.Model,
        StatsGroup.Customer => e.CustomerId,
        StatsGroup.Agent => e.Agent,
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, null),
    };

    public static IEnumerable<LedgerEvent> Matching(IEnumerable<LedgerEvent> events, StatsWindow window, StatsFilter filter) =>
        events.Where(e => e.OccurredAt >= window.From && e.OccurredAt < window.To
            && (filter.CustomerId ?? e.CustomerId) == e.CustomerId && (filter.Provider ?? e.Provider) == e.Provider
            && (filter.Model ?? e.Model) == e.Model && (filter.Agent ?? e.Agent) == e.Agent);

    public static StatsFigures Sum(IEnumerable<LedgerEvent> events)
    {
        var all = events.ToList();
        return new StatsFigures
        {
            Calls = all.Count,
            Cost = Usd.Sum(all.Select(e => e.Cost)),
            Errors = all.Count(e => e.IsError),
            Unpriced = all.Count(e => e.Unpriced),
            InputTokens = all.Sum(e => e.InputTokens),
            OutputTokens = all.Sum(e => e.OutputTokens),
            CachedTokens = all.Sum(e => e.CachedTokens),
            LatencyMs = all.Sum(e => (long)e.LatencyMs),
            Latencies = [.. Enumerable.Range(0, LatencyHistogram.BucketCount).Select(i => all.LongCount(e => e.LatencyMs > 0 && LatencyHistogram.BucketOf(e.LatencyMs) == i))],
        };
    }

    public static void AssertSame(StatsFigures expected, StatsFigures actual)
    {
        Assert.Equal(expected.Latencies.ToArray(), actual.Latencies.ToArray());
        Assert.Equal(expected with { Latencies = [] }, actual with { Latencies = [] });
    }
}
