using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Surrogates;

/// <summary><see cref="HoldId"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.hold-id")]
internal struct HoldIdSurrogate
{
    [Id(0)]
    public Guid Value;
}

[RegisterConverter]
internal sealed class HoldIdConverter : IConverter<HoldId, HoldIdSurrogate>
{
    public HoldId ConvertFromSurrogate(in HoldIdSurrogate surrogate) =>
        new(surrogate.Value);

    public HoldIdSurrogate ConvertToSurrogate(in HoldId value) => new()
    {
        Value = value.Value,
    };
}

/// <summary><see cref="CapDenial"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-denial")]
internal struct CapDenialSurrogate
{
    [Id(0)]
    public CapStanding Standing;

    [Id(1)]
    public DenialKind Kind;

    [Id(2)]
    public Usd Headroom;

    [Id(3)]
    public TimeSpan? RetryAfter;
}

[RegisterConverter]
internal sealed class CapDenialConverter : IConverter<CapDenial, CapDenialSurrogate>
{
    public CapDenial ConvertFromSurrogate(in CapDenialSurrogate surrogate) =>
        new(surrogate.Standing, surrogate.Kind, surrogate.Headroom, surrogate.RetryAfter);

    public CapDenialSurrogate ConvertToSurrogate(in CapDenial value) => new()
    {
        Standing = value.Standing,
        Kind = value.Kind,
        Headroom = value.Headroom,
        RetryAfter = value.RetryAfter,
    };
}
