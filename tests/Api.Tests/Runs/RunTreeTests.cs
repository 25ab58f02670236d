using LlmObserve.Api.Runs;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Runs;

namespace LlmObserve.Api.Tests.Runs;

public sealed class RunTreeTests
{
    [Fact]
    public void Build_ParentsAndChildren_NestsInOrder()
    {
        Assert.Equal("a(b(d) c) e", Text(("a", null), ("b", "a"), ("c", "a"), ("d", "b"), ("e", null)));
        Assert.Equal("a(b(c))", Text(("c", "b"), ("b", "a"), ("a", null)));
    }

    [Fact]
    public void Build_ParentThatIsNotThere_MakesARoot() => Assert.Equal("a b", Text(("a", "gone"), ("b", "")));

    [Fact]
    public void Build_Cycles_MakesRootsOfTheirFirst()
    {
        Assert.Equal("a", Text(("a", "a")));
        Assert.Equal("a(b)", Text(("a", "b"), ("b", "a")));
        Assert.Equal("b(c(a) x)", Text(("b", "a"), ("c", "b"), ("a", "c"), ("x", "b")));
    }

    [Fact]
    public void Build_SharedSpanId_HangsChildrenOnTheFirst() => Assert.Equal("a(c) a", Text(("a", null), ("a", null), ("c", "a")));

    [Fact]
    public void Build_DeepChain_GoesOnBesideEachOther()
    {
        var chain = Enumerable.Range(0, 1000).Select(i => ($"s{i}", i == 0 ? null : $"s{i - 1}")).ToArray();

        var roots = RunTree.Build([.. chain.Select(Event)]);

        Assert.Equal(RunTree.MaxDepth, Depth(roots));
        Assert.Equal(chain.Select(each => each.Item1), Flat(roots).Select(call => call.SpanId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Build_RandomLinks_ShowsEveryCallOnce(int seed)
    {
        var random = new Random(seed);
        var events = Enumerable.Range(0, 500)
            .Select(i => Event(($"s{random.Next(300)}", random.Next(5) == 0 ? null : $"s{random.Next(350)}")) with { Id = $"e{i}" })
            .ToArray();

        var shown = Flat(RunTree.Build([.. events])).Select(call => call.Id).ToList();

        Assert.Equal(events.Select(e => e.Id).Order(), shown.Order());
    }

    private static string Text(params (string Span, string? Parent)[] spans) => Text(RunTree.Build([.. spans.Select(Event)]));

    private static string Text(IEnumerable<RunEventAnswer> calls) =>
        string.Join(' ', calls.Select(call => call.SpanId + (call.Children.Count == 0 ? "" : $"({Text(call.Children)})")));

    private static IEnumerable<RunEventAnswer> Flat(IEnumerable<RunEventAnswer> calls) =>
        calls.SelectMany(call => Flat(call.Children).Prepend(call));

    private static int Depth(IReadOnlyList<RunEventAnswer> calls) => calls.Count == 0 ? 0 : 1 + calls.Max(call => Depth(call.Children));

    internal static RunEvent Event((string Span, string? Parent) link) => new()
    {
        Id = link.Span,
        SpanId = link.Span,
        ParentSpanId = link.Parent,
        Section = "",
        SectionPath = "",
        SpanType = "",
        Provider = "",
        Endpoint = "",
        Model = "",
        ModelRaw = null,
        CustomerId = "",
        InputTokens = 0,
        OutputTokens = 0,
        CachedTokens = 0,
        Cost = Usd.Zero,
        LatencyMs = 0,
        Status = "ok",
        IsError = false,
        Unpriced = false,
        SemanticLabel = null,
        OccurredAt = default,
    };
}
