using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Surrogates;

/// <summary><see cref="CallLabels"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.call-labels")]
internal struct CallLabelsSurrogate
{
    [Id(0)]
    public string Provider;

    [Id(1)]
    public string Model;

    [Id(2)]
    public string Agent;

    [Id(3)]
    public string CustomerId;
}

[RegisterConverter]
internal sealed class CallLabelsConverter : IConverter<CallLabels, CallLabelsSurrogate>
{
    public CallLabels ConvertFromSurrogate(in CallLabelsSurrogate surrogate) =>
        new(surrogate.Provider, surrogate.Model, surrogate.Agent, surrogate.CustomerId);

    public CallLabelsSurrogate ConvertToSurrogate(in CallLabels value) => new()
    {
        Provider = value.Provider,
        Model = value.Model,
        Agent = value.Agent,
        CustomerId = value.CustomerId,
    };
}

/// <summary><see cref="CapScope"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-scope")]
internal struct CapScopeSurrogate
{
    [Id(0)]
    public CapType Type;

    [Id(1)]
    public string Target;

    [Id(2)]
    public CapSubScope SubScope;

    [Id(3)]
    public string SubTarget;
}

[RegisterConverter]
internal sealed class CapScopeConverter : IConverter<CapScope, CapScopeSurrogate>
{
    public CapScope ConvertFromSurrogate(in CapScopeSurrogate surrogate) =>
        new(surrogate.Type, surrogate.Target, surrogate.SubScope, surrogate.SubTarget);

    public CapScopeSurrogate ConvertToSurrogate(in CapScope value) => new()
    {
        Type = value.Type,
        Target = value.Target,
        SubScope = value.SubScope,
        SubTarget = value.SubTarget,
    };
}

/// <summary><see cref="Cap"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-definition")]
internal struct CapSurrogate
{
    [Id(0)]
    public CapId Id;

    [Id(1)]
    public AccountId Account;

    [Id(2)]
    public CapScope Scope;

    [Id(3)]
    public string TargetName;

    [Id(4)]
    public string SubTargetName;

    [Id(5)]
    public Usd Limit;

    [Id(6)]
    public CapPeriod Period;

    [Id(7)]
    public CapEnforcement Enforcement;

    [Id(8)]
    public ImmutableArray<decimal> Thresholds;

    [Id(9)]
    public string? AlertEmail;

    [Id(10)]
    public bool Enabled;

    [Id(11)]
    public DateTimeOffset CreatedAt;

    [Id(12)]
    public DateTimeOffset UpdatedAt;
}

[RegisterConverter]
internal sealed class CapConverter : IConverter<Cap, CapSurrogate>
{
    public Cap ConvertFromSurrogate(in CapSurrogate surrogate) => new()
    {
        Id = surrogate.Id,
        Account = surrogate.Account,
        Scope = surrogate.Scope,
        TargetName = surrogate.TargetName,
        SubTargetName = surrogate.SubTargetName,
        Limit = surrogate.Limit,
        Period = surrogate.Period,
        Enforcement = surrogate.Enforcement,
        Thresholds = surrogate.Thresholds,
        AlertEmail = surrogate.AlertEmail,
        Enabled = surrogate.Enabled,
        CreatedAt = surrogate.CreatedAt,
        UpdatedAt = surrogate.UpdatedAt,
    };

    public CapSurrogate ConvertToSurrogate(in Cap value) => new()
    {
        Id = value.Id,
        Account = value.Account,
        Scope = value.Scope,
        TargetName = value.TargetName,
        SubTargetName = value.SubTargetName,
        Limit = value.Limit,
        Period = value.Period,
        Enforcement = value.Enforcement,
        Thresholds = value.Thresholds,
        AlertEmail = value.AlertEmail,
        Enabled = value.Enabled,
        CreatedAt = value.CreatedAt,
        UpdatedAt = value.UpdatedAt,
    };
}

/// <summary><see cref="CapStanding"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-standing")]
internal struct CapStandingSurrogate
{
    [Id(0)]
    public Cap Cap;

    [Id(1)]
    public Usd Spent;

    [Id(2)]
    public Usd Held;

    [Id(3)]
    public DateTimeOffset? ExceededAt;
}

[RegisterConverter]
internal sealed class CapStandingConverter : IConverter<CapStanding, CapStandingSurrogate>
{
    public CapStanding ConvertFromSurrogate(in CapStandingSurrogate surrogate) =>
        new(surrogate.Cap, surrogate.Spent, surrogate.Held, surrogate.ExceededAt);

    public CapStandingSurrogate ConvertToSurrogate(in CapStanding value) => new()
    {
        Cap = value.Cap,
        Spent = value.Spent,
        Held = value.Held,
        ExceededAt = value.ExceededAt,
    };
}
