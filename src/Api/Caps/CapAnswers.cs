using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Alerts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Caps;

namespace LlmObserve.Api.Caps;

/// <summary>A spending cap and where it stands in its current period.</summary>
internal sealed record CapStateAnswer
{
    public CapStateAnswer(CapState state)
    {
        var cap = state.Cap;
        Id = cap.Id.ToString();
        CapType = cap.Scope.Type.ToWire();
        TargetName = cap.Scope.Type == Domain.Caps.CapType.Global ? null : cap.TargetName;
        SubScope = cap.Scope.SubScope.ToWire();
        SubTarget = cap.Scope.SubScope == CapSubScope.None ? null : cap.SubTargetName;
        LimitAmount = cap.Limit;
        Period = cap.Period.ToWire();
        Enforcement = cap.Enforcement.ToWire();
        AlertThreshold = CapThresholds.ToAlertThreshold(cap.Thresholds);
        Thresholds = cap.Thresholds;
        AlertEmail = cap.AlertEmail;
        Enabled = cap.Enabled;
        CurrentSpend = state.Spent;
        Held = state.Held;
        Overrun = state.Overrun;
        Remaining = Usd.Max(Usd.Zero, new CapStanding(cap, state.Spent, state.Held).Headroom);
        PercentageUsed = Percent.Of(state.Spent, cap.Limit);
        ExceededAt = state.ExceededAt;
        PeriodStart = state.PeriodStart;
        PeriodEnd = state.PeriodEnd;
        CreatedAt = cap.CreatedAt;
        UpdatedAt = cap.UpdatedAt;
        Stale = state.Stale ? true : null;
    }

    public string Id { get; }

    /// <summary>global, provider, model, agent or customer.</summary>
    public string CapType { get; }

    /// <summary>As it was typed; null for a global cap.</summary>
    public string? TargetName { get; }

    /// <summary>provider or model, where a customer cap is narrowed.</summary>
    public string? SubScope { get; }

    /// <summary>As it was typed.</summary>
    public string? SubTarget { get; }

    /// <summary>US dollars.</summary>
    public Usd LimitAmount { get; }

    /// <summary>daily, weekly (from Monday) or monthly, in the account's time zone.</summary>
    public string Period { get; }

    /// <summary>alert, or hard_block, which alone can deny calls.</summary>
    public string Enforcement { get; }

    /// <summary>The lowest of <c>thresholds</c>.</summary>
    public decimal AlertThreshold { get; }

    /// <summary>Fractions of the limit at which an alert is due; the last is 1.</summary>
    public ImmutableArray<decimal> Thresholds { get; }

    public string? AlertEmail { get; }

    public bool Enabled { get; }

    /// <summary>US dollars settled in the current period, also from before the cap was made.</summary>
    public Usd CurrentSpend { get; }

    /// <summary>US dollars set aside for calls in flight.</summary>
    public Usd Held { get; }

    /// <summary>US dollars that calls of this period cost above their holds; part of what is spent.</summary>
    public Usd Overrun { get; }

    /// <summary>US dollars left: the limit less what is spent and held, never below zero.</summary>
    public Usd Remaining { get; }

    /// <summary>Of the limit: 80 is four fifths.</summary>
    public decimal PercentageUsed { get; }

    /// <summary>When the spend reached the limit in this period; null where it has not.</summary>
    public DateTimeOffset? ExceededAt { get; }

    public DateTimeOffset PeriodStart { get; }

    /// <summary>The first instant of the next period.</summary>
    public DateTimeOffset PeriodEnd { get; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset UpdatedAt { get; }

    /// <summary>True where the totals are from memory because the ledger cannot be read now; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stale { get; }
}

/// <summary>A threshold of a cap that was crossed.</summary>
internal sealed record AlertAnswer
{
    public AlertAnswer(Alert alert)
    {
        Id = alert.Id.ToString("N");
        CapId = alert.Cap.ToString();
        AlertType = alert.AlertType;
        CurrentSpend = alert.CurrentSpend;
        CapLimit = alert.CapLimit;
        Percentage = alert.Percentage;
        TargetType = alert.TargetType.ToWire();
        TargetName = alert.TargetType == CapType.Global ? null : alert.TargetName;
        PeriodStart = alert.PeriodStart;
        PeriodEnd = alert.PeriodEnd;
        EmailSent = alert.EmailSent;
        CreatedAt = alert.CreatedAt;
    }

    public string Id { get; }

    /// <summary>The cap may have been removed since.</summary>
    public string CapId { get; }

    /// <summary>threshold_reached, or cap_exceeded at the whole limit.</summary>
    public string AlertType { get; }

    /// <summary>US dollars when it was crossed.</summary>
    public Usd CurrentSpend { get; }

    /// <summary>US dollars.</summary>
    public Usd CapLimit { get; }

    /// <summary>Of the limit: 80 is four fifths.</summary>
    public decimal Percentage { get; }

    public string TargetType { get; }

    public string? TargetName { get; }

    public DateTimeOffset PeriodStart { get; }

    public DateTimeOffset PeriodEnd { get; }

    public bool EmailSent { get; }

    public DateTimeOffset CreatedAt { get; }
}

/// <summary>A cap was removed.</summary>
internal sealed record CapRemovedAnswer(string Status, string Message);

[JsonSerializable(typeof(CapStateAnswer))]
[JsonSerializable(typeof(CapRemovedAnswer))]
[JsonSerializable(typeof(IReadOnlyList<CapStateAnswer>))]
[JsonSerializable(typeof(IReadOnlyList<AlertAnswer>))]
[JsonSerializable(typeof(CapPreviewAnswer))]
[JsonSerializable(typeof(CapCheckAnswer))]
[JsonSerializable(typeof(CheckSettingsAnswer))]
internal sealed partial class CapsJson : JsonSerializerContext;
