using System.Globalization;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Web.Api;
using LlmObserve.Web.Formats;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Charts;

/// <summary>Spend over time, one column a bucket, one colour a name. Drawn on the server; the same figures stand below it as a table.</summary>
public sealed partial class StackedColumns : ComponentBase
{
    /// <summary>Units of the drawing; the browser stretches it to its place.</summary>
    private const int Width = 1000;

    private const int Height = 240;

    /// <summary>Dates under the chart: more would touch each other on a telephone.</summary>
    private const int MaxLabels = 6;

    /// <summary>At the end, a label over fewer columns than one in so many has no room.</summary>
    private const int Crowded = 2;

    /// <summary>Colours that can be told apart; the others share the last.</summary>
    private const int Colours = 8;

    [Parameter, EditorRequired] public TimeSeriesAnswer Series { get; set; } = null!;

    [Parameter, EditorRequired] public AccountZone Zone { get; set; } = AccountZone.Utc;

    /// <summary>What is shown, in words.</summary>
    [Parameter, EditorRequired] public string Label { get; set; } = "";

    /// <summary>What a name is that is empty: <c>no model</c>.</summary>
    [Parameter] public string Nameless { get; set; } = "none";

    private bool IsEmpty => All.All(series => series.TotalCost.IsZero);

    private IReadOnlyList<SeriesAnswer> All { get; set; } = [];

    private IReadOnlyList<Usd> Ticks { get; set; } = [];

    private decimal Step => (decimal)Width / Math.Max(1, Series.Starts.Count);

    private decimal Gap => Math.Min(2m, Step * 0.12m);

    private int LabelEvery => Math.Max(1, (Series.Starts.Count + MaxLabels - 1) / MaxLabels);

    /// <summary>What stands below the columns, and below how many of them.</summary>
    private IEnumerable<(string Label, int Buckets)> Labels =>
        Series.Starts.Chunk(LabelEvery).Select((stretch, i) => (Label: i > 0 && stretch.Length * Crowded < LabelEvery ? "" : ShortName(stretch[0]), stretch.Length));

    protected override void OnParametersSet()
    {
        All = Series.Other is { } other ? [.. Series.Series, other] : Series.Series;
        var highest = Enumerable.Range(0, Series.Starts.Count).Select(i => All.Sum(series => series.Costs[i].Nanos)).DefaultIfEmpty(0).Max();
        Ticks = Scale.Of(highest);
    }

    private string ClassOf(int series) => Series.Other is not null && series == All.Count - 1 ? "other" : $"c{Math.Min(series, Colours - 1)}";

    private string NameOf(SeriesAnswer series) =>
        ReferenceEquals(series, Series.Other) ? "all others" : string.IsNullOrEmpty(series.Name) ? Nameless : series.Name;

    private decimal Y(long nanos) => Height - (Height * (decimal)nanos / Math.Max(1, Ticks[^1].Nanos));

    private IEnumerable<(string Class, decimal Y, decimal Height)> Parts(int bucket)
    {
        var below = 0L;
        for (var i = 0; i < All.Count; i++)
        {
            var cost = All[i].Costs[bucket].Nanos;
            if (cost > 0)
            {
                var top = Y(below + cost);
                yield return (ClassOf(i), top, Y(below) - top);
                below += cost;
            }
        }
    }

    /// <summary>Lines of the note that follows the pointer.</summary>
    private string Tip(int bucket)
    {
        var total = new Usd(All.Sum(series => series.Costs[bucket].Nanos));
        var calls = All.Sum(series => series.Calls[bucket]);
        var parts = All.Where(series => !series.Costs[bucket].IsZero).Reverse().Select(series => $"{NameOf(series)}\t{Show.Money(series.Costs[bucket])}");
        return string.Join('\n', [$"{BucketName(bucket)}", $"{Show.Money(total)}\t{Show.Count(calls)} calls", .. parts]);
    }

    private string BucketName(int bucket) => Series.Bucket == "hour" ? Show.Minute(Series.Starts[bucket], Zone) : Show.Day(Series.Starts[bucket], Zone);

    private string ShortName(DateTimeOffset start) =>
        Zone.ToLocal(start).ToString(Series.Bucket == "hour" ? "HH:mm" : "d MMM", CultureInfo.InvariantCulture);

    private static string Text(decimal value) => decimal.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}
