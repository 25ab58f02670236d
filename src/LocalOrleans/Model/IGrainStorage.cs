using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// A store of grain states, registered as a service, keyed by its name where it has one.
/// A write or clear whose version is not the stored one fails with <see cref="InconsistentStateException"/> and changes nothing.
/// </summary>
public interface IGrainStorage
{
    /// <summary>Reads into <paramref name="grainState"/>; where there is no record, resets it.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <inheritdoc cref="ReadStateAsync{T}(string, GrainId, IGrainState{T})"/>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        ReadStateAsync(stateName, grainId, grainState);

    /// <summary>Writes, and puts the new version into <paramref name="grainState"/>.</summary>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <inheritdoc cref="WriteStateAsync{T}(string, GrainId, IGrainState{T})"/>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        WriteStateAsync(stateName, grainId, grainState);

    /// <summary>Removes the record, and resets <paramref name="grainState"/>.</summary>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <inheritdoc cref="ClearStateAsync{T}(string, GrainId, IGrainState{T})"/>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        ClearStateAsync(stateName, grainId, grainState);
}

/// <summary>The store has another version than the grain: someone else wrote in between, and nothing was written now.</summary>
public class InconsistentStateException : OrleansException
{
    /// <summary>Says nothing more.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>Says which state.</summary>
    public InconsistentStateException(string message) : base(message)
    {
    }

    /// <summary>Says which state, and the fault behind it.</summary>
    public InconsistentStateException(string message, Exception? innerException) : base(message, innerException!)
    {
    }

    /// <summary>Says which state, and both versions.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>Whether it has not left the activation that it arose in.</summary>
    internal bool IsSourceActivation { get; set; } = true;

    /// <summary>The version in the store, where known.</summary>
    public string? StoredEtag { get; private set; }

    /// <summary>The version that the grain has.</summary>
    public string? CurrentEtag { get; private set; }

    /// <inheritdoc/>
    public override string ToString() => $"{base.ToString()} (stored version {StoredEtag}, version in memory {CurrentEtag})";
}
