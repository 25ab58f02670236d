using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Caps;

namespace LlmObserve.Api.Caps;

/// <summary>Whether a call may be made. A denial is an answer like any other: its status is 200 too.</summary>
internal sealed record CapCheckAnswer
{
    public CapCheckAnswer(CapCheck check)
    {
        Allowed = check.Allowed;
        ExceededCaps = [.. check.Exceeded.Select(standing => new ExceededCapAnswer(standing))];
        Message = check.Message;
        Stale = check.Stale ? true : null;
    }

    public bool Allowed { get; }

    /// <summary>The hard-block caps that deny; empty where the call is allowed.</summary>
    public ImmutableArray<ExceededCapAnswer> ExceededCaps { get; }

    /// <summary>A sentence for people.</summary>
    public string Message { get; }

    /// <summary>True where it was decided from memory because the ledger cannot be read now; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stale { get; }
}

/// <summary>A hard-block cap that denies.</summary>
internal sealed record ExceededCapAnswer
{
    public ExceededCapAnswer(CapStanding standing)
    {
        CapId = standing.Cap.Id.ToString();
        CapType = standing.Cap.Scope.Type.ToWire();
        TargetName = standing.Cap.Scope.Type == Domain.Caps.CapType.Global ? null : standing.Cap.TargetName;
        Limit = standing.Cap.Limit;
        Current = standing.Spent;
        Period = standing.Cap.Period.ToWire();
        ExceededAt = standing.ExceededAt;
    }

    public string CapId { get; }

    public string CapType { get; }

    /// <summary>As it was typed; null for a global cap.</summary>
    public string? TargetName { get; }

    /// <summary>US dollars.</summary>
    public Usd Limit { get; }

    /// <summary>US dollars settled in the current period.</summary>
    public Usd Current { get; }

    public string Period { get; }

    public DateTimeOffset? ExceededAt { get; }
}
