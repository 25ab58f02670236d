using LlmObserve.Domain.Money;
using LlmObserve.Web.Components.Pages.Customers;

namespace LlmObserve.Web.Tests.Customers;

public sealed class MarginTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Days_OfAWindowThatGoesOn_AreThoseThatHavePassed() => Assert.Equal(1.5m, Margin.Days((s_now.AddDays(-1.5), s_now.AddHours(12)), s_now));

    [Fact]
    public void Days_OfAWindowToCome_AreNone() => Assert.Equal(0, Margin.Days((s_now.AddDays(3), s_now.AddDays(9)), s_now));

    [Fact]
    public void Of_APriceOfNothing_IsALossWithoutAShare()
    {
        var margin = Margin.Of(Usd.Zero, Usd.FromDollars(2), 30);

        Assert.Equal((Usd.Zero, Usd.FromDollars(-2), (decimal?)null), (margin.Revenue, margin.Profit, margin.Percent));
    }
}
