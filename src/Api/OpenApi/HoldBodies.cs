using LlmObserve.Domain.Money;

namespace LlmObserve.Api.OpenApi;

/// <summary>A call that is about to be made. Unknown fields are ignored.</summary>
internal sealed record HoldCheckBody
{
    /// <summary>As the call's event will name it.</summary>
    public string? Provider { get; init; }

    /// <summary>In any of its names.</summary>
    public string? Model { get; init; }

    /// <summary>As the call's event will name it: some prices depend on it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>As the call's event will name it.</summary>
    public string? SpanType { get; init; }

    public bool? IsStreaming { get; init; }

    /// <summary>The customer that the call is for.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The agent that makes it: its name, agent:NAME or a section path.</summary>
    public string? Agent { get; init; }

    public required EstimateBody Estimate { get; init; }

    /// <summary>Whole seconds that it is held unless an event settles it: from 1 to 3600, 600 where it is left out.</summary>
    public long? TtlSeconds { get; init; }

    /// <summary>Where the whole estimate does not fit, hold less output instead of nothing. Only with max_output_tokens.</summary>
    public bool? Clamp { get; init; }

    /// <summary>Decide, and hold nothing.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>The most that a call may use: the token fields, or usage; with or instead of them what the caller thinks that it may cost.</summary>
internal sealed record EstimateBody
{
    /// <summary>With max_output_tokens.</summary>
    public long? InputTokens { get; init; }

    /// <summary>What the call may make at most, reasoning included. With input_tokens.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>With less output the call is not worth making; 1 where it is left out.</summary>
    public long? MinOutputTokens { get; init; }

    /// <summary>Instead of the token fields.</summary>
    public UsageBody? Usage { get; init; }

    /// <summary>The caller's own bound: taken where no price is known.</summary>
    public Usd? CostUsd { get; init; }
}

/// <summary>More time for a hold.</summary>
internal sealed record HoldTimeBody
{
    /// <summary>Whole seconds from now, from 1 to 3600.</summary>
    public required long TtlSeconds { get; init; }
}

/// <summary>What to change. What is left out stays.</summary>
internal sealed record CheckSettingsBody
{
    /// <summary>allow or deny: what a check that a hard cap matches says to a call that has no price.</summary>
    public string? UnpricedPolicy { get; init; }

    /// <summary>Of a hard cap's limit, the most that one hold may take: above 0, at most 1.</summary>
    public decimal? MaxHoldShare { get; init; }
}
