using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Caps;

public sealed class CapDecisionTests
{
    private const string Nano = "0.000000001";

    // A limit of $10. Zero asks whether there is room at all.
    [Theory]
    [InlineData("9.999999999", "0", "0", null)]
    [InlineData("10", "0", "0", DenialKind.Exceeded)]
    [InlineData("10.000000001", "0", "0", DenialKind.Exceeded)]
    [InlineData("10", "5", "0", DenialKind.Exceeded)]
    [InlineData("9.99", "0.009999999", "0", null)]
    [InlineData("9.99", "0.01", "0", DenialKind.Held)]
    [InlineData("0", "10", "0", DenialKind.Held)]
    [InlineData("0", "0", "10", null)]
    [InlineData("0", "0", "10.000000001", DenialKind.Exceeded)]
    [InlineData("4", "0", "6", null)]
    [InlineData("4", "0", "6.000000001", DenialKind.Exceeded)]
    [InlineData("4", Nano, "6", DenialKind.Held)]
    [InlineData("4", "5", "1", null)]
    [InlineData("4", "5", "1.000000001", DenialKind.Held)]
    [InlineData("4", "7", "0", DenialKind.Held)]
    [InlineData("4", "7", "6.5", DenialKind.Exceeded)]
    public void Denial_SpentHeldAndAmount_AllowsUpToTheLimit(string spent, string held, string amount, DenialKind? denial) =>
        Assert.Equal(denial, Standing(spent, held).Denial(Usd.Parse(amount), 1m));

    [Theory]
    [InlineData("2.5", 0.25, null)]
    [InlineData("2.500000001", 0.25, DenialKind.HoldShare)]
    [InlineData("0", 0.25, null)]
    [InlineData("10", 1, null)]
    [InlineData(Nano, 0.0000000001, null)]
    [InlineData("0.000000002", 0.0000000001, DenialKind.HoldShare)]
    [InlineData(Nano, 0.00000000009, DenialKind.HoldShare)]
    public void Denial_LargestShareOfOneHold_IsOfTheLimitAndRoundedDown(string amount, double share, DenialKind? denial) =>
        Assert.Equal(denial, Standing("0", "0").Denial(Usd.Parse(amount), (decimal)share));

    [Fact]
    public void Denial_BeyondItsShareAndTheRest_NamesWhatWaitingCannotChangeFirst()
    {
        Assert.Equal(DenialKind.Exceeded, Standing("9", "0").Denial(Usd.Parse("6"), 0.5m));
        Assert.Equal(DenialKind.HoldShare, Standing("0", "9").Denial(Usd.Parse("6"), 0.5m));
        Assert.Equal(DenialKind.Held, Standing("0", "9").Denial(Usd.Parse("5"), 0.5m));
    }

    [Theory]
    [InlineData(CapEnforcement.Alert, true)]
    [InlineData(CapEnforcement.HardBlock, false)]
    public void Denial_AlertOrDisabledCap_NeverDenies(CapEnforcement enforcement, bool enabled)
    {
        var cap = CapSamples.Make(new CapScope(CapType.Global, ""), "10", enforcement, enabled: enabled);

        Assert.Null(new CapStanding(cap, Usd.Parse("20"), Usd.Parse("20")).Denial(Usd.Parse("20"), 0.1m));
    }

    [Theory]
    [InlineData("0", "0", 1, "10")]
    [InlineData("4", "3.5", 1, "2.5")]
    [InlineData("4", "3.5", 0.2, "2")]
    [InlineData("4", "3.5", 0.3, "2.5")]
    [InlineData("4", "7", 1, "0")]
    [InlineData("11", "0", 1, "0")]
    public void Available_HeadroomAndShare_IsTheSmallerAndNeverNegative(string spent, string held, double share, string available) =>
        Assert.Equal(Usd.Parse(available), Standing(spent, held).Available((decimal)share));

    [Theory]
    [InlineData("4", "3.5", "2.5")]
    [InlineData("11", "0", "-1")]
    public void Headroom_SpentAndHeld_IsWhatIsLeft(string spent, string held, string headroom) =>
        Assert.Equal(Usd.Parse(headroom), Standing(spent, held).Headroom);

    [Fact]
    public void Standing_AmountsAtTheEndOfTheirRange_StaysInside()
    {
        var full = new CapStanding(CapSamples.Make(new CapScope(CapType.Global, ""), Nano), Usd.MaxValue, Usd.MaxValue);
        Assert.Equal(Usd.MinValue, full.Headroom);
        Assert.Equal(Usd.Zero, full.Available(1m));
        Assert.Equal(DenialKind.Exceeded, full.Denial(Usd.MaxValue, 1m));

        var wide = new CapStanding(CapSamples.Make(new CapScope(CapType.Global, ""), Usd.MaxValue.ToString()), Usd.Zero, Usd.Zero);
        Assert.Equal(Usd.MaxValue, wide.Available(1m));
        Assert.Null(wide.Denial(Usd.MaxValue, 1m));
        Assert.Equal(DenialKind.HoldShare, wide.Denial(Usd.MaxValue, 0.999999999m));
        Assert.Equal(DenialKind.Held, (wide with { Held = Usd.MaxValue }).Denial(Usd.MaxValue, 1m));
    }

    [Fact]
    public void Of_NoDenials_IsTheOneAnswer()
    {
        Assert.Same(CapDecision.Allow, CapDecision.Of([]));
        Assert.True(CapDecision.Allow.Allowed);
        Assert.False(CapDecision.Allow.Denials.IsDefault);
    }

    [Fact]
    public void Of_Denials_KeepsThemAndNamesTheGravestInWords()
    {
        ImmutableArray<CapDenial> denials =
        [
            Denial(DenialKind.Held, new CapScope(CapType.Global, ""), "3"),
            Denial(DenialKind.Exceeded, new CapScope(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"), "10.02"),
            Denial(DenialKind.Exceeded, new CapScope(CapType.Model, "gpt-4o"), "10"),
        ];

        var decision = CapDecision.Of(denials);

        Assert.False(decision.Allowed);
        Assert.Equal(denials, decision.Denials);
        Assert.Equal(
            "Blocked by the daily cap on customer acme with model gpt-4o: $10.02 of $10 spent. 2 other caps deny it too.", decision.Message);
    }

    [Theory]
    [InlineData(DenialKind.Exceeded, "10", "0", "$10 of $10 spent.")]
    [InlineData(DenialKind.Exceeded, "9", "0", "$9 of $10 spent, and this call may cost more than is left.")]
    [InlineData(DenialKind.Held, "4", "6", "$4 of $10 spent and $6 held by calls in flight; try again when they are done.")]
    [InlineData(DenialKind.HoldShare, "0", "0", "one call may hold at most $2.5 of $10.")]
    [InlineData(DenialKind.Unpriced, "0", "0", "this model has no price, and the account denies unpriced calls.")]
    public void Of_EachKind_SaysWhyInASentence(DenialKind kind, string spent, string held, string reason)
    {
        var denial = new CapDenial(Standing(spent, held), kind, Usd.Parse("2.5"));

        Assert.Equal($"Blocked by the daily cap on all calls: {reason}", CapDecision.Of([denial]).Message);
        Assert.Equal($"Blocked by the daily cap on all calls: {reason} 1 other cap denies it too.", CapDecision.Of([denial, denial]).Message);
    }

    [Fact]
    public void Gravest_AnyOrder_IsWhatLastsLongestAndTheFirstOfItsKind()
    {
        DenialKind[] byGravity = [DenialKind.Unpriced, DenialKind.Exceeded, DenialKind.HoldShare, DenialKind.Held];
        for (var i = 0; i < byGravity.Length; i++)
        {
            var left = byGravity[i..].Select(kind => Denial(kind)).ToArray();
            Assert.Equal(byGravity[i], left.Reverse().ToImmutableArray().Gravest().Kind);
            Assert.Equal(byGravity[i], left.ToImmutableArray().Gravest().Kind);
        }

        var first = Denial(DenialKind.Held);
        Assert.Equal(first, ImmutableArray.Create(first, Denial(DenialKind.Held)).Gravest());
        Assert.Throws<ArgumentException>(() => ImmutableArray<CapDenial>.Empty.Gravest());
    }

    [Fact]
    public void RetryAfter_AllHeld_IsTheLongestAndElseNone()
    {
        var soon = Denial(DenialKind.Held) with { RetryAfter = TimeSpan.FromSeconds(1) };
        var later = soon with { RetryAfter = TimeSpan.FromSeconds(5) };
        var never = Denial(DenialKind.Exceeded);

        Assert.Equal(later.RetryAfter, ImmutableArray.Create(soon, later, soon).RetryAfter());
        Assert.Null(ImmutableArray.Create(soon, never).RetryAfter());
        Assert.Null(ImmutableArray.Create(never).RetryAfter());
        Assert.Null(ImmutableArray.Create(later, soon with { RetryAfter = null }).RetryAfter());
        Assert.Null(ImmutableArray<CapDenial>.Empty.RetryAfter());
    }

    [Fact]
    public void Headroom_OfDenials_IsTheLeastAndNoneWhereNoAmountHelps()
    {
        var two = Denial(DenialKind.Held) with { Headroom = Usd.Parse("2") };
        var one = two with { Headroom = Usd.Parse("1") };
        var unpriced = Denial(DenialKind.Unpriced) with { Headroom = Usd.Parse("1") };

        Assert.Equal(Usd.Parse("1"), ImmutableArray.Create(two, one, two).Headroom());
        Assert.Equal(Usd.Zero, ImmutableArray.Create(two, unpriced).Headroom());
        Assert.Equal(Usd.Zero, ImmutableArray.Create(unpriced, two).Headroom());
        Assert.Equal(Usd.Zero, ImmutableArray<CapDenial>.Empty.Headroom());
    }

    private static CapDenial Denial(DenialKind kind, CapScope? scope = null, string spent = "0") =>
        new(new CapStanding(CapSamples.Make(scope ?? new CapScope(CapType.Global, "")), Usd.Parse(spent), Usd.Zero), kind, Usd.Zero);

    private static CapStanding Standing(string spent, string held) =>
        new(CapSamples.Make(new CapScope(CapType.Global, "")), Usd.Parse(spent), Usd.Parse(held));
}
