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
        ExceededCaps = DeniedCapAnswer.ListOf(check);
        Message = check.Message;
        Stale = check.Stale ? true : null;
        if (!check.Allowed)
        {
            Reason = check.Denials.Gravest().Kind.ToWire();
            RetryAfterMs = WholeMs.Of(check.Denials.RetryAfter());
        }
    }

    public bool Allowed { get; }

    /// <summary>Why it is denied: unpriced, exceeded, hold_share or held, the most lasting that applies. Left out where it is allowed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; }

    /// <summary>Milliseconds after which asking again may help; left out where waiting does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RetryAfterMs { get; }

    /// <summary>The hard-block caps that deny; empty where the call is allowed.</summary>
    public ImmutableArray<DeniedCapAnswer> ExceededCaps { get; }

    /// <summary>A sentence for people.</summary>
    public string Message { get; }

    /// <summary>True where it was decided from memory because the ledger cannot be read now; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stale { get; }
}

/// <summary>A hard-block cap that denies.</summary>
internal sealed record DeniedCapAnswer
{
    private DeniedCapAnswer(in CapDenial denial)
    {
        var (cap, standing) = (denial.Standing.Cap, denial.Standing);
        CapId = cap.Id.ToString();
        CapType = cap.Scope.Type.ToWire();
        TargetName = cap.Scope.Type == Domain.Caps.CapType.Global ? null : cap.TargetName;
        Limit = cap.Limit;
        Current = standing.Spent;
        Period = cap.Period.ToWire();
        ExceededAt = standing.IsExceeded ? standing.ExceededAt : null;
        Kind = denial.Kind.ToWire();
        Held = standing.Held;
        Headroom = denial.Headroom;
        RetryAfterMs = WholeMs.Of(denial.RetryAfter);
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

    /// <summary>When the spend reached the limit; null where it has not, as where calls in flight fill the cap.</summary>
    public DateTimeOffset? ExceededAt { get; }

    /// <summary>
    /// exceeded: what is spent leaves too little; held: calls in flight fill what is left; hold_share: one call may not hold that much;
    /// unpriced: the account denies calls that have no price.
    /// </summary>
    public string Kind { get; }

    /// <summary>US dollars set aside for calls in flight.</summary>
    public Usd Held { get; }

    /// <summary>US dollars: the most that one hold may take now.</summary>
    public Usd Headroom { get; }

    /// <summary>Milliseconds after which asking again may help; left out where waiting does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RetryAfterMs { get; }

    public static ImmutableArray<DeniedCapAnswer> ListOf(CapCheck check) => [.. check.Denials.Select(denial => new DeniedCapAnswer(denial))];
}

/// <summary>Waits on the wire.</summary>
internal static class WholeMs
{
    /// <summary>Rounded up: who asks again too early is denied again.</summary>
    public static long? Of(TimeSpan? wait) =>
        wait is { } time ? (time.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond : null;
}
