using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Holds;

/// <summary>What a <c>POST /caps/check</c> asks for.</summary>
internal sealed record HoldAsk
{
    /// <summary>Canonical.</summary>
    public required CallLabels Labels { get; init; }

    public required CallEstimate Estimate { get; init; }

    /// <summary>The most that the call may cost.</summary>
    public required Usd Amount { get; init; }

    /// <summary>The book cannot tell: <see cref="Amount"/> is the caller's own figure, or zero.</summary>
    public required bool Unpriced { get; init; }

    /// <summary>Where the whole does not fit, take less output.</summary>
    public required bool Clamp { get; init; }

    /// <summary>Decide, and hold nothing.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Tells this request from others; the same for the same request, however it was written. Null where it came under no key.</summary>
    public required string? Digest { get; init; }
}
