using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;

namespace LlmObserve.Api.Tests.Stats;

/// <summary>The current periods and the time series. Which buckets answer them is tested on the store, where the clock stands.</summary>
public sealed class TimelineTests(AppFixture app) : IClassFixture<AppFixture>
{
    private static readonly string[] s_filters =
        ["", "customer_id=acme", "provider=Provider-A", "agent=agent:writer&model=model-1", "customer_id=beta&provider=provider-b", "customer_id=nobody"];

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("America/New_York")]
    public async Task Periods_RandomEvents_EqualPlainSums(string zoneId)
    {
        using var person = await app.SignUpAsync();
        await person.ChangeTimeZoneAsync(zoneId);
        var events = SomeEvents(new Random(zoneId.Length));
        await person.SendAsync([.. events]);
        var zone = AccountZone.Parse(zoneId);

        foreach (var filter in s_filters)
        {
            var answer = await person.GetAsync($"/stats/periods?{filter}");
            var at = answer.GetProperty("at").GetDateTimeOffset();
            Assert.Equal(zoneId, answer.Text("time_zone"));
            foreach (var (name, period) in new[] { ("today", CapPeriod.Daily), ("week", CapPeriod.Weekly), ("month", CapPeriod.Monthly) })
            {
                var (now, previous) = (answer.GetProperty(name), answer.GetProperty(name).GetProperty("previous"));
                var (start, before) = (zone.PeriodStart(period, at), zone.PreviousPeriodStart(period, at));
                Assert.Equal((start, before), (From(now), From(previous)));
                AssertFigures(events, filter, From(now), To(now), now);
                AssertFigures(events, filter, From(previous), To(previous), previous);
                Assert.Equal(Matching(events, filter, before, start).Sum(StatsEvents.Cost), now.GetProperty("previous_whole_cost").GetDecimal());
                AssertChange(now, previous);
            }
        }
    }

    [Fact]
    public async Task Periods_NoCalls_AreZeroAndNoChange()
    {
        using var person = await app.SignUpAsync();

        var today = (await person.GetAsync("/stats/periods")).GetProperty("today");

        Assert.Equal((0, "0", "0"), (today.Number("call_count"), today.GetProperty("total_cost").GetRawText(), today.GetProperty("previous_whole_cost").GetRawText()));
        Assert.Equal(0, today.GetProperty("previous").Number("call_count"));
        Assert.Equal(JsonValueKind.Null, today.GetProperty("change").GetProperty("total_cost_percent").ValueKind);
        Assert.Equal(JsonValueKind.Null, today.GetProperty("change").GetProperty("call_count_percent").ValueKind);
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kolkata")]
    [InlineData("America/New_York")]
    public async Task TimeSeries_RandomEvents_EqualPlainSumsAndTheListOfTheSameWindow(string zoneId)
    {
        using var person = await app.SignUpAsync();
        await person.ChangeTimeZoneAsync(zoneId);
        var events = SomeEvents(new Random(zoneId.Length));
        await person.SendAsync([.. events]);

        // From fixed instants, so that every question is for the same window, whatever hour it is by then.
        var now = TimeProvider.System.GetUtcNow();
        var windows = new[] { (24, "hour"), (47, "hour"), (168, "day") }.Select(pair => ($"from={now.AddHours(-pair.Item1):yyyy-MM-ddTHH:mm:ssZ}", pair.Item2)).ToList();
        foreach (var filter in s_filters)
        {
            foreach (var (group, name) in new[] { ("provider", "provider"), ("model", "model"), ("agent", "agent"), ("customer", "customer_id") })
            {
                foreach (var (window, bucket) in windows)
                {
                    var answer = await person.GetAsync($"/stats/timeseries?{window}&group={group}&top=2&{filter}");
                    var list = (await person.GetAsync($"/stats/by-{group}?{window}&{filter}")).GetProperty("items").EnumerateArray().ToList();
                    var series = answer.GetProperty("series").EnumerateArray().ToList();

                    Assert.Equal((zoneId, bucket), (answer.Text("time_zone"), answer.Text("bucket")));
                    AssertBuckets(answer, zoneId);
                    Assert.Equal(series.Count > 0, AssertSeries(answer, series, row => Matching(events, filter, From(answer), To(answer))
                        .Where(e => StatsEvents.Canonical(e, name) == row.GetProperty("name").GetString())));
                    if (bucket == "day")
                    {
                        Assert.Equal(
                            list.Take(2).Select(row => (row.GetProperty(name).GetString(), row.GetProperty("total_cost").GetRawText(), row.Number("call_count"))),
                            series.Select(row => (row.GetProperty("name").GetString(), row.GetProperty("total_cost").GetRawText(), row.Number("call_count"))));
                    }

                    var named = series.Select(row => row.GetProperty("name").GetString()).ToList();
                    var other = answer.GetProperty("other");
                    Assert.Equal(list.Count > 2, other.ValueKind == JsonValueKind.Object);
                    if (other.ValueKind == JsonValueKind.Object)
                    {
                        AssertSeries(answer, [other], _ => Matching(events, filter, From(answer), To(answer)).Where(e => !named.Contains(StatsEvents.Canonical(e, name))));
                    }
                }
            }

            var all = await person.GetAsync($"/stats/timeseries?hours=168&bucket=day&{filter}");
            AssertSeries(all, [Assert.Single(all.GetProperty("series").EnumerateArray())], _ => Matching(events, filter, From(all), To(all)));
            Assert.Equal(JsonValueKind.Null, all.GetProperty("other").ValueKind);
        }
    }

    [Fact]
    public async Task TimeSeries_NoCalls_HasEveryBucketAsZero()
    {
        using var person = await app.SignUpAsync();

        var none = await person.GetAsync("/stats/timeseries?hours=6");
        var byCustomer = await person.GetAsync("/stats/timeseries?hours=6&group=customer");

        var all = Assert.Single(none.GetProperty("series").EnumerateArray());
        Assert.InRange(none.GetProperty("starts").GetArrayLength(), 7, 8);
        foreach (var member in new[] { "costs", "calls", "errors" })
        {
            Assert.Equal(none.GetProperty("starts").GetArrayLength(), all.GetProperty(member).GetArrayLength());
            Assert.All(all.GetProperty(member).EnumerateArray(), value => Assert.Equal("0", value.GetRawText()));
        }

        Assert.Equal(JsonValueKind.Null, all.GetProperty("name").ValueKind);
        Assert.Equal(0, byCustomer.GetProperty("series").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, byCustomer.GetProperty("other").ValueKind);
    }

    [Fact]
    public async Task TimeSeries_HoursOfACustomerTooFarBack_AreDays()
    {
        using var person = await app.SignUpAsync();
        var day = TimeProvider.System.GetUtcNow().AddDays(-20);

        var hours = await person.GetAsync($"/stats/timeseries?bucket=hour&from={day:yyyy-MM-dd}&to={day.AddDays(1):yyyy-MM-dd}");
        var days = await person.GetAsync($"/stats/timeseries?bucket=hour&from={day:yyyy-MM-dd}&to={day.AddDays(1):yyyy-MM-dd}&customer_id=acme");

        Assert.Equal(("hour", 24), (hours.Text("bucket"), hours.GetProperty("starts").GetArrayLength()));
        Assert.Equal(("day", 1), (days.Text("bucket"), days.GetProperty("starts").GetArrayLength()));
    }

    [Theory]
    [InlineData("/stats/timeseries?group=colour&bucket=week&top=21&hours=0&model=%7f", "bucket:unknown-value group:unknown-value hours:out-of-range model:bad-character top:out-of-range")]
    [InlineData("/stats/timeseries?bucket=hour&hours=73", "bucket:out-of-range")]
    [InlineData("/stats/timeseries?top=0&to=2026-01-01", "from:required top:out-of-range")]
    [InlineData("/stats/periods?customer_id=a%00b&agent=%7f", "agent:bad-character customer_id:bad-character")]
    public async Task Query_Faulty_NamesEveryFault(string path, string faults)
    {
        using var person = await app.SignUpAsync();

        var problem = await person.GetAsync(path, 422);

        Assert.Equal(faults, string.Join(' ', problem.Faults().Select(fault => $"{fault.Path}:{fault.Code}").Order(StringComparer.Ordinal)));
    }

    private static List<JsonObject> SomeEvents(Random random) => StatsEvents.Random(random, TimeProvider.System.GetUtcNow(), 300);

    private static List<JsonObject> Matching(List<JsonObject> events, string filter, DateTimeOffset from, DateTimeOffset to) =>
        StatsEvents.Matching(events, filter, from, to);

    private static DateTimeOffset From(JsonElement answer) => answer.GetProperty("window").GetProperty("from").GetDateTimeOffset();

    private static DateTimeOffset To(JsonElement answer) => answer.GetProperty("window").GetProperty("to").GetDateTimeOffset();

    private static void AssertFigures(List<JsonObject> events, string filter, DateTimeOffset from, DateTimeOffset to, JsonElement figures) =>
        StatsEvents.AssertFigures(Matching(events, filter, from, to), figures);

    private static void AssertChange(JsonElement now, JsonElement previous)
    {
        foreach (var (member, change) in new[] { ("total_cost", "total_cost_percent"), ("call_count", "call_count_percent") })
        {
            var (today, before) = (now.GetProperty(member).GetDecimal(), previous.GetProperty(member).GetDecimal());
            var percent = now.GetProperty("change").GetProperty(change);
            decimal? expected = before == 0 ? null : decimal.Round((today - before) * 100 / before, 2);
            Assert.Equal(expected, percent.Deserialize<decimal?>());
        }
    }

    /// <summary>Every hour or day of the zone within the window, once.</summary>
    private static void AssertBuckets(JsonElement answer, string zoneId)
    {
        var zone = AccountZone.Parse(zoneId);
        var starts = answer.GetProperty("starts").EnumerateArray().Select(start => start.GetDateTimeOffset()).ToList();
        Assert.Equal(From(answer), starts[0]);
        Assert.All(starts.Skip(1).Append(To(answer)).Zip(starts), pair =>
            Assert.Equal(answer.Text("bucket") == "hour" ? zone.HourEnd(pair.Second) : Min(zone.PeriodEnd(CapPeriod.Daily, pair.Second), To(answer)), pair.First));

        static DateTimeOffset Min(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
    }

    private static bool AssertSeries(JsonElement answer, List<JsonElement> series, Func<JsonElement, IEnumerable<JsonObject>> eventsOf)
    {
        var starts = answer.GetProperty("starts").EnumerateArray().Select(start => start.GetDateTimeOffset()).ToList();
        var ends = starts.Skip(1).Append(To(answer)).ToList();
        foreach (var row in series)
        {
            var events = eventsOf(row).ToList();
            var buckets = starts.Zip(ends, (start, end) => events.Where(e => StatsEvents.Occurred(e) >= start && StatsEvents.Occurred(e) < end).ToList()).ToList();
            Assert.Equal(events.Sum(StatsEvents.Cost), row.GetProperty("total_cost").GetDecimal());
            Assert.Equal(events.Count, row.Number("call_count"));
            Assert.Equal(buckets.Select(bucket => bucket.Sum(StatsEvents.Cost)), row.GetProperty("costs").EnumerateArray().Select(cost => cost.GetDecimal()));
            Assert.Equal(buckets.Select(bucket => (long)bucket.Count), row.GetProperty("calls").EnumerateArray().Select(calls => calls.GetInt64()));
            Assert.Equal(buckets.Select(bucket => bucket.LongCount(StatsEvents.IsError)), row.GetProperty("errors").EnumerateArray().Select(errors => errors.GetInt64()));
        }

        return series.Count > 0;
    }
}
