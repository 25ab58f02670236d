using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A grain's stored value, injected into its constructor and read before the grain activates.</summary>
public interface IPersistentState<TState> : IStorage<TState>;

/// <summary>Where a stored value is kept.</summary>
public interface IPersistentStateConfiguration
{
    /// <summary>The name of the value within the grain.</summary>
    string StateName { get; }

    /// <summary>The name of the storage; null for the default one.</summary>
    string? StorageName { get; }
}

/// <summary>Fills a constructor's <see cref="IPersistentState{TState}"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null)
    : Attribute, IFacetMetadata, IPersistentStateConfiguration
{
    /// <inheritdoc/>
    public string StateName { get; } = stateName;

    /// <inheritdoc/>
    public string? StorageName { get; } = storageName;
}
