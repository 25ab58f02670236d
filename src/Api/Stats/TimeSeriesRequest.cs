using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>What a time series is asked for: <c>?hours=168&amp;group=model&amp;bucket=day&amp;top=5</c>.</summary>
/// <param name="Window">When.</param>
/// <param name="Filter">Of what.</param>
/// <param name="Group">What has a series of its own; null for one series of everything.</param>
/// <param name="Bucket">Null for what suits the window.</param>
/// <param name="Top">How many series.</param>
internal sealed record TimeSeriesRequest(StatsWindow Window, StatsFilter Filter, StatsGroup? Group, StatsBucket? Bucket, int Top)
{
    /// <summary>More lines than this nobody tells apart.</summary>
    public const int DefaultTop = 8;

    private const string None = "none";
    private const string Auto = "auto";

    private static readonly string[] s_buckets = [Auto, "hour", "day"];

    private static readonly ImmutableDictionary<string, StatsGroup> s_groups = ImmutableDictionary.CreateRange<string, StatsGroup>(
        StringComparer.Ordinal,
        [new("provider", StatsGroup.Provider), new("model", StatsGroup.Model), new("agent", StatsGroup.Agent), new("customer", StatsGroup.Customer)]);

    private static readonly string[] s_groupWords = [None, .. s_groups.Keys.Order(StringComparer.Ordinal)];

    private static readonly string[] s_kinds = ["llm", "infrastructure"];

    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("kind", "Only calls of models, or only those to vector databases and APIs.", Words: s_kinds),
        new("group", "What has a series of its own; none, which is the default, for one of everything.", Words: s_groupWords),
        new(
            "bucket",
            $"auto, which is the default, is hours up to {SeriesPlan.HoursUnasked.TotalHours} hours and days beyond. Hours are for windows of up to "
            + $"{SeriesPlan.MostHours.TotalDays} days; of customers they are kept for a week, and days take their place further back.",
            Words: s_buckets),
        new("top", "How many of the dearest names; the rest is in other.", Max: StatsStore.MaxSeries, Default: DefaultTop),
    ];

    /// <summary>Reads the query; the problem lists everything that is wrong with it.</summary>
    public static bool TryRead(
        IQueryCollection query,
        PriceBook prices,
        DateTimeOffset now,
        [NotNullWhen(true)] out TimeSeriesRequest? request,
        [NotNullWhen(false)] out Problem? problem)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var filter = StatsRequest.ReadFilter(query, prices, faults) with
        {
            Kind = StatsRequest.ReadWord(query, "kind", s_kinds, faults) switch
            {
                "llm" => StatsKind.Llm,
                "infrastructure" => StatsKind.Infrastructure,
                _ => StatsKind.All,
            },
        };
        var window = StatsRequest.ReadWindow(query, now, faults);
        var group = StatsRequest.ReadWord(query, "group", s_groupWords, faults);
        StatsBucket? bucket = StatsRequest.ReadWord(query, "bucket", s_buckets, faults) switch
        {
            "hour" => StatsBucket.Hour,
            "day" => StatsBucket.Day,
            _ => null,
        };
        var top = StatsRequest.ReadCount(query, "top", DefaultTop, StatsStore.MaxSeries, faults);
        if (bucket == StatsBucket.Hour && window.To - window.From > SeriesPlan.MostHours)
        {
            faults.Add(new Fault(
                "bucket", FaultCodes.OutOfRange, $"bucket can be hour for a window of at most {SeriesPlan.MostHours.TotalDays} days."));
        }

        problem = faults.Count > 0 ? Problems.Invalid(faults.ToImmutable()) : null;
        request = problem is null
            ? new TimeSeriesRequest(window, filter, group is null or None ? null : s_groups[group], bucket, top)
            : null;
        return problem is null;
    }
}
