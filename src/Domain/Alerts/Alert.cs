using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Alerts;

/// <summary>A threshold of a cap that was crossed in one period. There is at most one for each (cap, period, threshold).</summary>
public sealed record Alert
{
    public required Guid Id { get; init; }

    public required AccountId Account { get; init; }

    public required CapId Cap { get; init; }

    /// <summary>A fraction of the limit; 1 means that the cap is used up.</summary>
    public required decimal Threshold { get; init; }

    /// <summary>Spent in the period when it was crossed.</summary>
    public required Usd CurrentSpend { get; init; }

    public required Usd CapLimit { get; init; }

    /// <summary><c>cap_exceeded</c> at the whole limit, else <c>threshold_reached</c>.</summary>
    public string AlertType => Threshold >= 1 ? "cap_exceeded" : "threshold_reached";

    /// <summary>Spend in per cent of the limit, with two decimals.</summary>
    public decimal Percentage => Math.Round(CurrentSpend.Nanos * 100m / CapLimit.Nanos, 2, MidpointRounding.ToEven);

    public required CapType TargetType { get; init; }

    public required string TargetName { get; init; }

    public required DateTimeOffset PeriodStart { get; init; }

    public required DateTimeOffset PeriodEnd { get; init; }

    public bool EmailSent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
