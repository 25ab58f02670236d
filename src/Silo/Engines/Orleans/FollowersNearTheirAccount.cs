using System.Diagnostics.CodeAnalysis;
using LlmObserve.Grains.Caps;
using LlmObserve.Grains.Customers;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace LlmObserve.Silo.Engines;

/// <summary>
/// Caps and customers are called by their account only, so the silo that calls first is their account's: there they are made, and a commit's
/// deltas stay in the process.
/// </summary>
internal sealed class FollowersNearTheirAccount(GrainTypeResolver types) : IPlacementStrategyResolver
{
    private readonly GrainType _cap = types.GetGrainType(typeof(CapGrain));
    private readonly GrainType _customer = types.GetGrainType(typeof(CustomerGrain));

    public bool TryResolvePlacementStrategy(GrainType grainType, GrainProperties? properties, [MaybeNullWhen(false)] out PlacementStrategy result)
    {
        result = grainType == _cap || grainType == _customer ? s_local : null;
        return result is not null;
    }

    private static readonly PlacementStrategy s_local = new PreferLocalPlacementAttribute().PlacementStrategy;
}
