using LlmObserve.Domain.Money;

namespace LlmObserve.Web.Components.Pages.Customers;

/// <summary>What is left of what a customer pays.</summary>
/// <param name="Revenue">Of the stretch: the monthly price by its days.</param>
/// <param name="Profit">Revenue less cost.</param>
/// <param name="Percent">Of the revenue; null where that is nothing.</param>
internal readonly record struct Margin(Usd Revenue, Usd Profit, decimal? Percent)
{
    /// <summary>A month for this purpose: the twelfth part of a year.</summary>
    public const decimal DaysOfAMonth = 365.25m / 12;

    public static Margin Of(Usd monthlyPrice, Usd cost, decimal days)
    {
        var revenue = Usd.FromDollars(Formats.Show.Dollars(monthlyPrice) * days / DaysOfAMonth);
        var profit = revenue - cost;
        return new Margin(revenue, profit, revenue.IsZero ? null : 100m * profit.Nanos / revenue.Nanos);
    }

    /// <summary>Days of a window that have passed; none of one that is yet to come.</summary>
    public static decimal Days((DateTimeOffset From, DateTimeOffset To) window, DateTimeOffset now) =>
        (decimal)Math.Max(0, ((window.To < now ? window.To : now) - window.From).Ticks) / TimeSpan.TicksPerDay;
}
