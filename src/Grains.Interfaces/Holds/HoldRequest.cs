using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Holds;

/// <summary>Asks for a hold: an amount set aside on every hard cap that matches, or on none.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.hold-request")]
public sealed record HoldRequest
{
    /// <summary>Made by the caller, so that a request whose answer was lost can be made again and gets the same hold.</summary>
    [Id(0)]
    public required HoldId Id { get; init; }

    [Id(1)]
    public required CallLabels Labels { get; init; }

    /// <summary>The most that the call may cost; at least zero, at most <see cref="HoldLimits.MaxAmount"/>.</summary>
    [Id(2)]
    public required Usd Amount { get; init; }

    /// <summary>Nobody knows what the call may cost: the account's policy decides.</summary>
    [Id(3)]
    public bool Unpriced { get; init; }

    /// <summary>How long it is held unless an event settles it; between the limits of <see cref="HoldLimits"/>.</summary>
    [Id(4)]
    public required TimeSpan Time { get; init; }

    /// <summary>The client's own; a request with the same key and the same <see cref="Digest"/> gets the same hold.</summary>
    [Id(5)]
    public string? IdempotencyKey { get; init; }

    /// <summary>Tells one request from another under one key.</summary>
    [Id(6)]
    public string? Digest { get; init; }

    /// <summary>Decide, and hold nothing.</summary>
    [Id(7)]
    public bool DryRun { get; init; }
}
