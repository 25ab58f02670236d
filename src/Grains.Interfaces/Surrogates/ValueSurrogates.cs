using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Users;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Surrogates;

/// <summary><see cref="AccountId"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.account-id")]
internal struct AccountIdSurrogate
{
    [Id(0)]
    public Guid Value;
}

[RegisterConverter]
internal sealed class AccountIdConverter : IConverter<AccountId, AccountIdSurrogate>
{
    public AccountId ConvertFromSurrogate(in AccountIdSurrogate surrogate) =>
        new(surrogate.Value);

    public AccountIdSurrogate ConvertToSurrogate(in AccountId value) => new()
    {
        Value = value.Value,
    };
}

/// <summary><see cref="UserId"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.user-id")]
internal struct UserIdSurrogate
{
    [Id(0)]
    public Guid Value;
}

[RegisterConverter]
internal sealed class UserIdConverter : IConverter<UserId, UserIdSurrogate>
{
    public UserId ConvertFromSurrogate(in UserIdSurrogate surrogate) =>
        new(surrogate.Value);

    public UserIdSurrogate ConvertToSurrogate(in UserId value) => new()
    {
        Value = value.Value,
    };
}

/// <summary><see cref="CapId"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.cap-id")]
internal struct CapIdSurrogate
{
    [Id(0)]
    public Guid Value;
}

[RegisterConverter]
internal sealed class CapIdConverter : IConverter<CapId, CapIdSurrogate>
{
    public CapId ConvertFromSurrogate(in CapIdSurrogate surrogate) =>
        new(surrogate.Value);

    public CapIdSurrogate ConvertToSurrogate(in CapId value) => new()
    {
        Value = value.Value,
    };
}

/// <summary><see cref="Usd"/> on the wire, in nano-dollars.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.usd")]
internal struct UsdSurrogate
{
    [Id(0)]
    public long Nanos;
}

[RegisterConverter]
internal sealed class UsdConverter : IConverter<Usd, UsdSurrogate>
{
    public Usd ConvertFromSurrogate(in UsdSurrogate surrogate) =>
        new(surrogate.Nanos);

    public UsdSurrogate ConvertToSurrogate(in Usd value) => new()
    {
        Nanos = value.Nanos,
    };
}
