using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Holds;

namespace LlmObserve.Api.Holds;

/// <summary>An amount set aside for a call.</summary>
internal sealed record HoldStateAnswer
{
    public HoldStateAnswer(HoldState hold)
    {
        HoldId = hold.Id.ToString();
        Status = hold.Status.ToWire();
        AmountUsd = hold.Amount;
        Provider = Given(hold.Labels.Provider);
        Model = Given(hold.Labels.Model);
        CustomerId = Given(hold.Labels.CustomerId);
        Agent = Given(hold.Labels.Agent);
        GrantedAt = hold.GrantedAt;
        ExpiresAt = hold.ExpiresAt;
        EndedAt = hold.EndedAt;
    }

    public string HoldId { get; }

    /// <summary>open, settled, released or expired.</summary>
    public string Status { get; }

    /// <summary>US dollars.</summary>
    public Usd AmountUsd { get; }

    /// <summary>The canonical labels of the call: they decide the caps that the hold counts in.</summary>
    public string? Provider { get; }

    public string? Model { get; }

    public string? CustomerId { get; }

    public string? Agent { get; }

    public DateTimeOffset GrantedAt { get; }

    /// <summary>From then on the amount is free again.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; }

    private static string? Given(string label) => label.Length == 0 ? null : label;
}

/// <summary>Open holds, those that expire first first.</summary>
/// <param name="Items">The page.</param>
/// <param name="NextCursor">For the next page; null on the last.</param>
/// <param name="Open">How many are open in all.</param>
/// <param name="HeldUsd">What all of them hold, US dollars.</param>
internal sealed record HoldPageAnswer(ImmutableArray<HoldStateAnswer> Items, string? NextCursor, int Open, Usd HeldUsd);

[JsonSerializable(typeof(HoldStateAnswer))]
[JsonSerializable(typeof(HoldPageAnswer))]
[JsonSerializable(typeof(HoldCheckAnswer))]
internal sealed partial class HoldsJson : JsonSerializerContext;
