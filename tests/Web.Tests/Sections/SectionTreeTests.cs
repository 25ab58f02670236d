using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Sections;

namespace LlmObserve.Web.Tests.Sections;

public sealed class SectionTreeTests
{
    [Fact]
    public void Of_Nothing_IsEmpty() => Assert.Empty(SectionTree.Of([]));

    [Fact]
    public void Of_Paths_SumAtEachLevel()
    {
        var tree = SectionTree.Of(
        [
            Row("agent:a", 1, 1),
            Row("agent:a/tool:x", 20, 2, 1),
            Row("agent:a/tool:y", 300, 3),
            Row("agent:a/tool:y/step:z", 4_000, 4, 2),
            Row("agent:b", 50_000, 5),
        ]);

        Assert.Equal(["agent:b", "agent:a"], tree.Select(node => node.Name));
        var a = tree[1];
        Assert.Equal((4_321, 10, 3), (a.Cost.Nanos, a.Calls, a.Errors));
        Assert.Equal(1, a.Own!.TotalCost.Nanos);
        Assert.Equal([("tool:y", 4_300L), ("tool:x", 20L)], a.Children.Select(node => (node.Name, node.Cost.Nanos)));
        Assert.Equal("agent:a/tool:y/step:z", a.Children[0].Children[0].Path);
    }

    [Fact]
    public void Of_ParentWithoutCallsOfItsOwn_StandsThereAllTheSame()
    {
        var node = Assert.Single(SectionTree.Of([Row("agent:a/tool:x", 5, 1), Row("agent:a/tool:y", 7, 1)]));

        Assert.Null(node.Own);
        Assert.Equal(("agent:a", 12), (node.Name, node.Cost.Nanos));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a//b")]
    [InlineData("/a/")]
    [InlineData(" agent:a / <b>x</b>")]
    [InlineData("…")]
    public void Of_WhateverWasTyped_LosesNothing(string path)
    {
        var leaf = SectionTree.Of([Row(path, 9, 1)]).Single();
        for (; leaf.Children.Count > 0; leaf = leaf.Children.Single())
        {
            Assert.Equal(9, leaf.Cost.Nanos);
        }

        Assert.Equal((path, 9), (leaf.Path, leaf.Own!.TotalCost.Nanos));
    }

    [Fact]
    public void Of_PathDeeperThanAPageTakes_KeepsTheRestAsAName()
    {
        var path = string.Join('/', Enumerable.Range(1, 500));

        var depth = 1;
        var node = SectionTree.Of([Row(path, 1, 1)]).Single();
        for (; node.Children.Count > 0; node = node.Children.Single())
        {
            depth++;
        }

        Assert.Equal(SectionTree.MaxDepth, depth);
        Assert.Equal(path, node.Path);
        Assert.EndsWith("/499/500", node.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnyRows_RootsAddUpToThem()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 400)
            .Select(_ => string.Join('/', Enumerable.Range(0, random.Next(1, 7)).Select(_ => $"s{random.Next(4)}")))
            .Distinct().Select(path => Row(path, random.NextInt64(1_000_000_000), random.Next(50), random.Next(5))).ToList();

        var tree = SectionTree.Of(rows);

        Assert.Equal(Usd.Sum(rows.Select(row => row.TotalCost)), Usd.Sum(tree.Select(node => node.Cost)));
        Assert.Equal(rows.Sum(row => row.CallCount), tree.Sum(node => node.Calls));
        Assert.Equal(rows.Sum(row => row.Errors), tree.Sum(node => node.Errors));
        Assert.Equal(rows.Count, tree.Sum(Own));

        static int Own(SectionNode node) => (node.Own is null ? 0 : 1) + node.Children.Sum(Own);
    }

    private static SectionFigures Row(string path, long nanos, long calls, long errors = 0) =>
        new() { SectionPath = path, TotalCost = new Usd(nanos), CallCount = calls, Errors = errors };
}
