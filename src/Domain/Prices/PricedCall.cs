using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Prices;

/// <summary>A call to be priced.</summary>
public readonly record struct PricedCall
{
    public PricedCall()
    {
    }

    /// <summary>As the client names it; null where a check names only a model.</summary>
    public string? Provider { get; init; }

    /// <summary>As the provider names it; null where the call has none.</summary>
    public string? Model { get; init; }

    /// <summary>As the client names it: <c>chat</c>, <c>query</c>, <c>Index.upsert</c>.</summary>
    public string? Endpoint { get; init; }

    public required SpanKind Kind { get; init; }

    public required Usage Usage { get; init; }

    /// <summary>Seconds of audio that the call took or made; used where the price is by the second and the usage states none.</summary>
    public decimal? AudioSeconds { get; init; }

    /// <summary>Decides between dated prices and daily windows.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Scales the book's figure; above 0, at most 1.</summary>
    public decimal Discount { get; init; } = 1m;

    /// <summary>It failed: a failed call that states no usage used nothing.</summary>
    public bool IsError { get; init; }

    public bool IsStreaming { get; init; }

    /// <summary>What the client thinks that it cost; kept where the book cannot price the call, and never discounted.</summary>
    public Usd ClientCost { get; init; }
}
