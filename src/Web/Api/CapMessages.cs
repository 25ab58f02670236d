using LlmObserve.Domain.Money;

namespace LlmObserve.Web.Api;

/// <summary>A cap and where it stands.</summary>
public sealed record CapAnswer
{
    public required string Id { get; init; }

    public required string CapType { get; init; }

    public string? TargetName { get; init; }

    public string? SubScope { get; init; }

    public string? SubTarget { get; init; }

    public Usd LimitAmount { get; init; }

    public required string Period { get; init; }

    public required string Enforcement { get; init; }

    public IReadOnlyList<decimal> Thresholds { get; init; } = [];

    public string? AlertEmail { get; init; }

    public bool Enabled { get; init; }

    public Usd CurrentSpend { get; init; }

    public Usd Held { get; init; }

    public Usd Overrun { get; init; }

    public Usd Remaining { get; init; }

    public decimal PercentageUsed { get; init; }

    public DateTimeOffset? ExceededAt { get; init; }

    public DateTimeOffset PeriodStart { get; init; }

    public DateTimeOffset PeriodEnd { get; init; }

    public bool? Stale { get; init; }

    public bool IsHard => Enforcement == "hard_block";

    /// <summary>Whether the lowest of its thresholds is reached.</summary>
    public bool IsPastAThreshold => Thresholds.Count > 0 && PercentageUsed >= 100 * Thresholds[0];
}

/// <summary>What a cap would have seen in one of its periods.</summary>
public sealed record PreviewPeriodAnswer(
    DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, Usd Spent, decimal Percentage, Usd Over, DateTimeOffset? ReachedAt);

/// <summary>What a cap would have seen over the last days.</summary>
public sealed record PreviewAnswer(
    WindowAnswer Window, IReadOnlyList<PreviewPeriodAnswer> Periods, int TimesReached, Usd OverTotal, Usd CurrentSpend);
