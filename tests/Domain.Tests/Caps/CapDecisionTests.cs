using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Tests.Caps;

public sealed class CapDecisionTests
{
    [Theory]
    [InlineData("9.999999999", "0", CapEnforcement.HardBlock, true)]
    [InlineData("10", "0", CapEnforcement.HardBlock, false)]
    [InlineData("10.000000001", "0", CapEnforcement.HardBlock, false)]
    [InlineData("9.99", "5", CapEnforcement.HardBlock, true)]
    [InlineData("100", "0", CapEnforcement.Alert, true)]
    public void Of_OneCap_DeniesFromTheLimitOnAndOnlyHard(string spent, string held, CapEnforcement enforcement, bool allowed)
    {
        var cap = CapSamples.Make(new CapScope(CapType.Provider, "openai"), "10", enforcement);
        var decision = CapDecision.Of(new CapStanding(cap, Usd.Parse(spent), Usd.Parse(held)));
        Assert.Equal(allowed, decision.Allowed);
        Assert.Equal(allowed ? 0 : 1, decision.Exceeded.Length);
    }

    [Fact]
    public void Of_NoCaps_Allows()
    {
        Assert.Same(CapDecision.Allow, CapDecision.Of());
        Assert.True(CapDecision.Allow.Allowed);
        Assert.False(CapDecision.Allow.Exceeded.IsDefault);
    }

    [Fact]
    public void Of_ManyCaps_ListsEveryExceededHardCapAndNoOther()
    {
        var at = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
        var full = Standing(new CapScope(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"), "10.02", at: at);
        var open = Standing(new CapScope(CapType.Global, ""), "3");
        var alert = Standing(new CapScope(CapType.Agent, "writer"), "20", CapEnforcement.Alert);
        var other = Standing(new CapScope(CapType.Model, "gpt-4o"), "10");
        var decision = CapDecision.Of(open, full, alert, other);
        Assert.False(decision.Allowed);
        Assert.Equal(new[] { full, other }, decision.Exceeded.ToArray());
        Assert.Equal(at, decision.Exceeded[0].ExceededAt);
        Assert.Equal(
            "Blocked by the daily cap on customer acme with model gpt-4o: $10.02 of $10 spent. 1 other cap is exceeded too.",
            decision.Message);
    }

    [Fact]
    public void Of_GlobalCap_IsNamedInWords() => Assert.Equal(
        "Blocked by the daily cap on all calls: $10 of $10 spent. 2 other caps are exceeded too.",
        CapDecision.Of(
            Standing(new CapScope(CapType.Global, ""), "10"),
            Standing(new CapScope(CapType.Global, ""), "10"),
            Standing(new CapScope(CapType.Global, ""), "10")).Message);

    [Fact]
    public void Headroom_SpentAndHeld_IsWhatIsLeft()
    {
        var cap = CapSamples.Make(new CapScope(CapType.Global, ""), "10");
        Assert.Equal(Usd.Parse("2.5"), new CapStanding(cap, Usd.Parse("4"), Usd.Parse("3.5")).Headroom);
        Assert.Equal(Usd.Parse("-1"), new CapStanding(cap, Usd.Parse("11"), Usd.Zero).Headroom);
    }

    private static CapStanding Standing(
        CapScope scope, string spent, CapEnforcement enforcement = CapEnforcement.HardBlock, DateTimeOffset? at = null) =>
        new(CapSamples.Make(scope, "10", enforcement), Usd.Parse(spent), Usd.Zero, at);
}
