using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain contract. Derive from <see cref="IGrainWithStringKey"/>, not from this directly.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain contract whose grains are told apart by a string.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>
/// A contract for notifications that a grain sends to an object that is no grain.
/// Methods that return void are delivered one way: the grain neither waits nor learns of a failure.
/// </summary>
public interface IGrainObserver : IAddressable;

/// <summary>What a grain class is to the runtime. Derive from <see cref="Grain"/>, or implement this.</summary>
public interface IGrainBase
{
    /// <summary>The activation that this instance belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first call. Throwing fails the calls that wait, and the next call activates anew.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs after the last call of this activation. Not run where the process dies: never rely on it for durability.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
