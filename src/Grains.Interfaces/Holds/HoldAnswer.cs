using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Caps;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Holds;

/// <summary>How a request for a hold ended.</summary>
public enum HoldAnswerKind
{
    /// <summary>Allowed, and held unless it was a dry run. Also the answer to a repeat: <see cref="HoldAnswer.Hold"/> says what became of it.</summary>
    Granted,

    /// <summary>A hard cap denies; nothing is held anywhere.</summary>
    Denied,

    /// <summary>The account starts anew or has moved: send the same request again.</summary>
    SendAgain,

    /// <summary>The hold would need a write to a database that does not answer; nothing is held.</summary>
    Unavailable,

    /// <summary>The idempotency key belongs to another request.</summary>
    KeyReused,

    /// <summary>The account has <see cref="HoldLimits.MaxOpen"/> holds open.</summary>
    TooMany,

    /// <summary>There is no such hold, or it is forgotten.</summary>
    NotFound,

    /// <summary>The hold has ended: <see cref="HoldAnswer.Hold"/> says how.</summary>
    Ended,
}

/// <summary>The answer to a request for a hold, or for more time.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Check">The decision of the caps; allowed where there was none to make.</param>
/// <param name="Hold">The hold, where there is one.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.hold-answer")]
public sealed record HoldAnswer(HoldAnswerKind Kind, CapCheck Check, HoldState? Hold)
{
    public static readonly HoldAnswer SendAgain = new(HoldAnswerKind.SendAgain, CapCheck.Free, null);

    public static readonly HoldAnswer Unavailable = new(HoldAnswerKind.Unavailable, CapCheck.FreeButStale, null);

    public static readonly HoldAnswer KeyReused = new(HoldAnswerKind.KeyReused, CapCheck.Free, null);

    public static readonly HoldAnswer TooMany = new(HoldAnswerKind.TooMany, CapCheck.Free, null);

    public static readonly HoldAnswer NotFound = new(HoldAnswerKind.NotFound, CapCheck.Free, null);
}

/// <summary>A hold and where it is in its life.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Labels">The call's canonical labels: they decide the caps it counts in.</param>
/// <param name="Amount">US dollars.</param>
/// <param name="GrantedAt">UTC.</param>
/// <param name="ExpiresAt">UTC; from then on its amount is free again.</param>
/// <param name="Status">Open, or how it ended.</param>
/// <param name="EndedAt">UTC; null while it is open.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.hold-state")]
public sealed record HoldState(
    HoldId Id, CallLabels Labels, Usd Amount, DateTimeOffset GrantedAt, DateTimeOffset ExpiresAt, HoldStatus Status, DateTimeOffset? EndedAt);

/// <summary>A page of an account's open holds, those that expire first first.</summary>
/// <param name="Holds">The page.</param>
/// <param name="Open">How many are open in all.</param>
/// <param name="Held">The sum of all open ones, US dollars.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.hold-page")]
public sealed record HoldPage(ImmutableArray<HoldState> Holds, int Open, Usd Held);

/// <summary>An event whose hold is worth a word: it was not settled plainly.</summary>
/// <param name="EventId">The event.</param>
/// <param name="HoldId">As the event named it.</param>
/// <param name="Outcome">What became of the hold.</param>
/// <param name="Held">What was held; null where that is not known.</param>
/// <param name="Overrun">What the call cost above its hold; zero where it did not.</param>
/// <param name="LabelMismatch">The event counts in other caps than its hold did.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.hold-report")]
public sealed record HoldReport(string EventId, string HoldId, HoldOutcome Outcome, Usd? Held, Usd Overrun, bool LabelMismatch);
