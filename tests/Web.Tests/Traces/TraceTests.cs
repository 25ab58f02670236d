using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Traces;

namespace LlmObserve.Web.Tests.Traces;

public sealed class TraceTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_NoCalls_HasNoLines() => Assert.Empty(Trace.Of([]).Lines);

    [Fact]
    public void Of_Calls_BeginTheirLatencyBeforeTheyEnded()
    {
        // From 0 to 4 s, from 1 to 2 s, from 2 to 3 s.
        var trace = Trace.Of([Call("root", 4_000, 4_000, Call("a", 2_000, 1_000), Call("b", 3_000, 1_000))]);

        Assert.Equal(s_noon, trace.Start);
        Assert.Equal(s_noon.AddSeconds(4), trace.End);
        Assert.Equal(4_000, trace.DurationMs);
        Assert.Equal([("root", 1, 0m, 1000m), ("a", 2, 250m, 250m), ("b", 2, 500m, 250m)], trace.Lines.Select(line => (line.Call.Id, line.Level, line.Left, line.Width)));
    }

    [Fact]
    public void Of_Tree_ListsEachCallBeforeThoseBelowIt()
    {
        var trace = Trace.Of(
        [
            Call("1", 10, 0, Call("2", 20, 0, Call("3", 30, 0)), Call("4", 40, 0)),
            Call("5", 50, 0),
        ]);

        Assert.Equal(["1", "2", "3", "4", "5"], trace.Lines.Select(line => line.Call.Id));
        Assert.Equal([1, 2, 3, 2, 1], trace.Lines.Select(line => line.Level));
    }

    [Fact]
    public void Of_ParentThatEndsBeforeItsChild_AxisCoversBoth()
    {
        var trace = Trace.Of([Call("parent", 1_000, 500, Call("child", 9_000, 100))]);

        Assert.Equal(s_noon.AddMilliseconds(500), trace.Start);
        Assert.Equal(s_noon.AddSeconds(9), trace.End);
        Assert.All(trace.Lines, line => Assert.InRange(line.Left + line.Width, 0, Trace.Width));
    }

    [Fact]
    public void Of_CallTooShortToSee_IsAsNarrowAsCanBeSeenAndWithinTheAxis()
    {
        var trace = Trace.Of([Call("long", 3_600_000, 3_600_000), Call("first", 0, 0), Call("last", 3_600_000, 0)]);

        Assert.Equal((0m, Trace.Narrowest), (trace.Lines[1].Left, trace.Lines[1].Width));
        Assert.Equal((Trace.Width - Trace.Narrowest, Trace.Narrowest), (trace.Lines[2].Left, trace.Lines[2].Width));
    }

    [Fact]
    public void Of_EverythingAtOnce_IsDrawnAtTheBeginning()
    {
        var trace = Trace.Of([Call("a", 0, 0), Call("b", 0, 0)]);

        Assert.Equal(0, trace.DurationMs);
        Assert.All(trace.Lines, line => Assert.Equal((0m, Trace.Narrowest), (line.Left, line.Width)));
    }

    [Fact]
    public void Of_ManyCallsOfEveryLength_NoneLeavesTheAxis()
    {
        var random = new Random(7);
        var calls = Enumerable.Range(0, 1_000).Select(i => Call($"{i}", random.Next(0, 700_000), random.Next(0, 90_000))).ToList();

        var trace = Trace.Of(calls);

        Assert.All(trace.Lines, line => Assert.True(line.Left >= 0 && line.Width >= Trace.Narrowest && line.Left + line.Width <= Trace.Width));
    }

    /// <summary>A call that ended some milliseconds after noon.</summary>
    private static RunEventAnswer Call(string id, int endMs, int latencyMs, params RunEventAnswer[] children) => new()
    {
        Id = id,
        OccurredAt = s_noon.AddMilliseconds(endMs),
        LatencyMs = latencyMs,
        Children = children,
    };
}
