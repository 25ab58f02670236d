using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.LocalOrleans;

/// <summary>A state that its activation reads before the grain begins.</summary>
internal interface IStoredState
{
    Task ReadStateAsync(CancellationToken cancellationToken);
}

/// <summary>A grain's value together with its version; the storage fills both.</summary>
internal sealed class PersistentState<T>(string name, GrainId grainId, IGrainStorage storage)
    : IPersistentState<T>, IGrainState<T>, IStoredState
{
    private T? _state = Fresh();

    public T State
    {
        get => _state!;
        set => _state = value;
    }

    public string? Etag { get; private set; }

    public bool RecordExists { get; private set; }

    T? IGrainState<T>.State
    {
        get => _state;
        set => _state = value is null ? Fresh() : value;
    }

    string? IGrainState<T>.ETag
    {
        get => Etag;
        set => Etag = value;
    }

    bool IGrainState<T>.RecordExists
    {
        get => RecordExists;
        set => RecordExists = value;
    }

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task ReadStateAsync(CancellationToken cancellationToken) => storage.ReadStateAsync(name, grainId, this, cancellationToken);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task WriteStateAsync(CancellationToken cancellationToken) => storage.WriteStateAsync(name, grainId, this, cancellationToken);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public Task ClearStateAsync(CancellationToken cancellationToken) => storage.ClearStateAsync(name, grainId, this, cancellationToken);

    // A grain finds an empty value rather than null where its type can be made without arguments.
    private static T? Fresh() =>
        typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is null ? default : Activator.CreateInstance<T>();
}
