using LlmObserve.Api.Http;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Holds;

namespace LlmObserve.Api.Holds;

/// <summary>How holds are refused. Codes are part of the contract: never change one.</summary>
internal static class HoldProblems
{
    /// <summary>Also for a hold of another account: the two must look alike.</summary>
    public static Problem NoSuchHold => Problems.NotFound("There is no hold of this id.");

    private static Problem TooMany => new(
        StatusCodes.Status429TooManyRequests,
        "too-many-holds",
        "Too many holds",
        $"The account has {HoldLimits.MaxOpen} holds open, the most that it may have; settle or release some.")
    {
        RetryAfterSeconds = Problems.OverloadedRetryAfterSeconds,
        Shed = ShedReasons.Holds,
    };

    private static Problem KeyReused => Problems.Conflict(
        "idempotency-key-reused", $"This {IdempotencyKey.Header} was sent before with another request; send a new key, or the same request.");

    /// <summary>What there is to say where an answer is neither a decision nor a hold.</summary>
    public static Problem Of(HoldAnswer answer) => answer.Kind switch
    {
        HoldAnswerKind.KeyReused => KeyReused,
        HoldAnswerKind.TooMany => TooMany,
        HoldAnswerKind.NotFound => NoSuchHold,
        HoldAnswerKind.Ended => Ended(answer.Hold!),
        HoldAnswerKind.SendAgain or HoldAnswerKind.Unavailable =>
            Problems.Unavailable("The ledger cannot be written now, and without it this cannot be held; try again later.", ShedReasons.Ledger),
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer.Kind, null),
    };

    private static Problem Ended(HoldState hold) => Problems.Conflict("hold-ended", hold.Status switch
    {
        HoldStatus.Settled => "The hold has ended: an event settled it.",
        HoldStatus.Released => "The hold has ended: it was released.",
        _ => "The hold has ended: its time ran out. Ask for a new one.",
    });
}
