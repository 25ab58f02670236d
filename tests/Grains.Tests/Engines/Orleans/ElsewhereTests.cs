using System.Reflection;
using LlmObserve.LocalOrleans.Tests.Contract;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>What the in-process engine has of Orleans' assemblies that not every registry serves is as in the real ones.</summary>
public sealed class ElsewhereTests
{
    public static TheoryData<string> Names => [.. ElsewhereShapes.Assemblies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Type_OfTheInProcessEngine_IsAsInTheRealAssembly(string name)
    {
        var real = Assembly.Load(ElsewhereShapes.Assemblies[name]).GetType(name, throwOnError: true)!;

        var shown = Apart(ElsewhereShapes.Of(real)).ToList();

        var missing = Apart(ElsewhereShapes.Shapes[name]).Except(shown, StringComparer.Ordinal).ToList();

        Assert.True(missing.Count == 0, $"{string.Join('\n', missing)}\nis not among\n{string.Join('\n', shown)}");
    }

    // The real ones have more bases, for themselves: each of ours is looked for alone.
    private static IEnumerable<string> Apart(IEnumerable<string> lines) => lines.SelectMany(static line =>
        line.Split(" : ") is [var kind, var bases] ? bases.Split(", ").Select(static parent => $"is {parent}").Prepend(kind) : [line]);
}
