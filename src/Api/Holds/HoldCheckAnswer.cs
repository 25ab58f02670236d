using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Api.Caps;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;

namespace LlmObserve.Api.Holds;

/// <summary>Whether a call may be made, and the hold for it. A denial is an answer like any other: its status is 200 too.</summary>
internal sealed record HoldCheckAnswer
{
    private const string HoldEnded = "hold_ended";

    private HoldCheckAnswer(HoldAsk ask, CapCheck check, long? output)
    {
        Allowed = check.Allowed;
        MaxOutputTokens = output;
        Unpriced = ask.Unpriced ? true : null;
        DryRun = ask.DryRun ? true : null;
        ExceededCaps = DeniedCapAnswer.ListOf(check);
        Message = check.Message;
        Stale = check.Stale ? true : null;
    }

    public bool Allowed { get; private init; }

    /// <summary>
    /// Why it is denied: unpriced, exceeded, hold_share or held, the most lasting that applies; hold_ended where the request is repeated and its
    /// hold is over. Left out where it is allowed.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; private init; }

    /// <summary>Milliseconds after which asking again may help; left out where waiting does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RetryAfterMs { get; private init; }

    /// <summary>For the hold_id of the call's event. Left out where nothing is held: after a denial and in a dry run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HoldId { get; private init; }

    /// <summary>open; settled, released or expired where the request is repeated and its hold has ended meanwhile. With hold_id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; private init; }

    /// <summary>From then on the amount is free again. With hold_id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>US dollars: what is held, or what would have been.</summary>
    public Usd AmountUsd { get; private init; }

    /// <summary>
    /// Where the estimate is in tokens: the output that the hold covers. After a denial the most that fits now, left out where that is not even
    /// the least that was asked for.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxOutputTokens { get; }

    /// <summary>True where the hold covers less output than was asked for; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Clamped { get; private init; }

    /// <summary>True where no price is known: the amount is the caller's own figure, or zero, and bounds nothing. Else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Unpriced { get; }

    /// <summary>True where nothing was to be held; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DryRun { get; }

    /// <summary>The hard-block caps that deny; empty where the call is allowed.</summary>
    public ImmutableArray<DeniedCapAnswer> ExceededCaps { get; }

    /// <summary>A sentence for people.</summary>
    public string Message { get; private init; }

    /// <summary>True where it was decided from memory because the ledger cannot be read now; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stale { get; }

    /// <param name="ask">The request.</param>
    /// <param name="answer">With the hold; without one where nothing was to be held.</param>
    /// <param name="amount">What is held, or would be.</param>
    /// <param name="output">What the amount covers; null where the estimate is not in tokens.</param>
    public static HoldCheckAnswer Granted(HoldAsk ask, HoldAnswer answer, Usd amount, long? output) => new(ask, answer.Check, output)
    {
        // A client that looks at nothing else must not make a call that nothing is held for.
        Allowed = answer.Hold is not { Status: not HoldStatus.Open },
        Reason = answer.Hold is { Status: not HoldStatus.Open } ? HoldEnded : null,
        Message = answer.Hold is { Status: not HoldStatus.Open } ended
            ? $"The hold of this Idempotency-Key is over ({ended.Status.ToWire()}): do not make its call again, and use a new key for another."
            : answer.Check.Message,
        HoldId = answer.Hold?.Id.ToString(),
        Status = answer.Hold?.Status.ToWire(),
        ExpiresAt = answer.Hold?.ExpiresAt,
        AmountUsd = amount,
        Clamped = output < ask.Estimate.Output?.Max ? true : null,
    };

    /// <param name="ask">The request.</param>
    /// <param name="check">With the caps that deny.</param>
    /// <param name="fits">The most output that fits now, where that is enough.</param>
    public static HoldCheckAnswer Denied(HoldAsk ask, CapCheck check, long? fits) => new(ask, check, fits)
    {
        Reason = check.Denials.Gravest().Kind.ToWire(),
        RetryAfterMs = WholeMs.Of(check.Denials.RetryAfter()),
        AmountUsd = ask.Amount,
    };
}
