using LlmObserve.Domain.Audit;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Surrogates;

/// <summary><see cref="Actor"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.actor")]
internal struct ActorSurrogate
{
    [Id(0)]
    public ActorKind Kind;

    [Id(1)]
    public string? ActorId;

    [Id(2)]
    public string? Name;

    [Id(3)]
    public string? Ip;

    [Id(4)]
    public string? RequestId;
}

[RegisterConverter]
internal sealed class ActorConverter : IConverter<Actor, ActorSurrogate>
{
    public Actor ConvertFromSurrogate(in ActorSurrogate surrogate) =>
        new(surrogate.Kind, surrogate.ActorId, surrogate.Name, surrogate.Ip, surrogate.RequestId);

    public ActorSurrogate ConvertToSurrogate(in Actor value) => new()
    {
        Kind = value.Kind,
        ActorId = value.Id,
        Name = value.Name,
        Ip = value.Ip,
        RequestId = value.RequestId,
    };
}
