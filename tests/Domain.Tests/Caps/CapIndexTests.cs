using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Caps;

namespace LlmObserve.Domain.Tests.Caps;

public sealed class CapIndexTests
{
    private static readonly CallLabels Call = new("openai", "gpt-4o", "writer", "acme");

    // Few words, so that scopes and calls meet often; a customer may bear a provider's name.
    private static readonly Gen<string> Words = Gen.Elements("openai", "acme", "gpt-4o", "writer", "x");

    private static readonly Gen<CapScope> Scopes =
        from type in Gen.Elements(Enum.GetValues<CapType>())
        from subScope in Gen.Elements(Enum.GetValues<CapSubScope>())
        from target in Words
        from subTarget in Words
        select type switch
        {
            CapType.Global => new CapScope(type, ""),
            CapType.Customer when subScope != CapSubScope.None => new CapScope(type, target, subScope, subTarget),
            _ => new CapScope(type, target),
        };

    private static readonly Gen<Cap> Caps =
        from scope in Scopes
        from enabled in Gen.Elements(true, true, true, false)
        select CapSamples.Make(scope, enabled: enabled);

    private static readonly Gen<CallLabels> Calls =
        from words in Gen.OneOf(Words, Gen.Elements("", null!)).ArrayOf(4)
        select new CallLabels(words[0], words[1], words[2], words[3]);

    [Fact]
    public void Match_AnyCapsAndCall_EqualsThePlainFilter() =>
        Prop.ForAll(Caps.ArrayOf().ToArbitrary(), Calls.ToArbitrary(), (caps, labels) =>
        {
            var matches = CapIndex.Of(caps).Match(labels);
            var expected = caps.Where(cap => cap.Enabled && cap.Scope.Matches(labels)).Select(cap => cap.Id).ToHashSet();
            Assert.Equal(expected.Count, matches.Count);
            Assert.Equal(expected, matches.ToArray().Select(cap => cap.Id).ToHashSet());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Theory]
    [InlineData(CapType.Global, "", CapSubScope.None, "", true)]
    [InlineData(CapType.Provider, "openai", CapSubScope.None, "", true)]
    [InlineData(CapType.Provider, "gpt-4o", CapSubScope.None, "", false)]
    [InlineData(CapType.Provider, "OpenAI", CapSubScope.None, "", false)]
    [InlineData(CapType.Model, "gpt-4o", CapSubScope.None, "", true)]
    [InlineData(CapType.Model, "gpt-4o-mini", CapSubScope.None, "", false)]
    [InlineData(CapType.Agent, "writer", CapSubScope.None, "", true)]
    [InlineData(CapType.Agent, "acme", CapSubScope.None, "", false)]
    [InlineData(CapType.Customer, "acme", CapSubScope.None, "", true)]
    [InlineData(CapType.Customer, "acme", CapSubScope.Provider, "openai", true)]
    [InlineData(CapType.Customer, "acme", CapSubScope.Provider, "anthropic", false)]
    [InlineData(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o", true)]
    [InlineData(CapType.Customer, "acme", CapSubScope.Model, "openai", false)]
    [InlineData(CapType.Customer, "other", CapSubScope.Provider, "openai", false)]
    public void Matches_Scope_ByItsLabelOnly(CapType type, string target, CapSubScope subScope, string subTarget, bool expected)
    {
        var scope = new CapScope(type, target, subScope, subTarget);
        Assert.Equal(expected, scope.Matches(Call));
        Assert.Equal(expected, CapIndex.Build([scope], entry => entry).Match(Call).Count == 1);
    }

    [Fact]
    public void Matches_EmptyLabels_OnlyTheGlobalCap()
    {
        foreach (var labels in new[] { default, new CallLabels("", "", "", "") })
        {
            Assert.True(new CapScope(CapType.Global, "").Matches(labels));
            Assert.False(new CapScope(CapType.Customer, "").Matches(labels));
            Assert.False(new CapScope(CapType.Customer, "acme", CapSubScope.Model, "").Matches(labels with { CustomerId = "acme" }));
        }
    }

    [Fact]
    public void Match_SevenKinds_ComeInAFixedOrder()
    {
        CapScope[] scopes =
        [
            new(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"),
            new(CapType.Customer, "acme", CapSubScope.Provider, "openai"),
            new(CapType.Customer, "acme"),
            new(CapType.Agent, "writer"),
            new(CapType.Model, "gpt-4o"),
            new(CapType.Provider, "openai"),
            new(CapType.Global, ""),
            new(CapType.Global, ""),
        ];
        var index = CapIndex.Build(scopes, scope => scope);
        Assert.Equal(8, index.Count);
        Assert.Equal([scopes[6], scopes[7], scopes[5], scopes[4], scopes[3], scopes[2], scopes[1], scopes[0]], index.Match(Call).ToArray());
    }

    [Fact]
    public void Match_TenThousandCaps_AllocatesNothing()
    {
        var scopes = Enumerable.Range(0, 2_500).SelectMany(i => new CapScope[]
        {
            new(CapType.Customer, $"customer-{i}"),
            new(CapType.Customer, $"customer-{i}", CapSubScope.Model, "gpt-4o"),
            new(CapType.Agent, $"agent-{i}"),
            new(CapType.Model, $"model-{i}"),
        });
        var index = CapIndex.Build(scopes, scope => scope);
        var labels = new CallLabels("openai", "gpt-4o", "agent-7", "customer-7");
        Assert.Equal(3, Walk(index, labels));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Walk(index, labels);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Walk(CapIndex<CapScope> index, in CallLabels labels)
    {
        var seen = 0;
        foreach (var scope in index.Match(labels))
        {
            seen += scope.Target.Length > 0 ? 1 : 0;
        }

        return seen;
    }
}
