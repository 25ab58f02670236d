using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Stats;

/// <summary>Shares and changes for people to read, from whole nano-dollars and in decimal.</summary>
internal static class Percent
{
    /// <summary>Hundredths of a percent.</summary>
    private const int Decimals = 2;

    /// <summary>25 for a quarter; 0 of nothing.</summary>
    public static decimal Of(Usd part, Usd whole) => decimal.Round(part.PercentOf(whole), Decimals);

    /// <summary>25 for a quarter more than before, −100 for nothing left; null where there was nothing before.</summary>
    public static decimal? Change(long now, long before) =>
        before == 0 ? null : decimal.Round(((decimal)now - before) * 100 / before, Decimals);
}
