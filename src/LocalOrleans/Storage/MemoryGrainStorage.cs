using System.Collections.Concurrent;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.LocalOrleans;

/// <summary>Grain states in memory, as JSON, so that a grain never shares an object with its store. Gone with the process.</summary>
public sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId Id), Record> _records = new();

    // One count for all records: a version never comes back, also not after a clear.
    private long _lastVersion;

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = _records.GetValueOrDefault((stateName, grainId));
        grainState.State = record is null ? default : JsonSerializer.Deserialize<T>(record.Json);
        grainState.ETag = record?.Version.ToString();
        grainState.RecordExists = record is not null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(grainState.State);
        var key = (stateName, grainId);
        var stored = _records.GetValueOrDefault(key);
        var next = new Record(json, Interlocked.Increment(ref _lastVersion));
        var written = stored?.Version.ToString() == grainState.ETag
            && (stored is null ? _records.TryAdd(key, next) : _records.TryUpdate(key, next, stored));
        if (!written)
        {
            return Task.FromException(Conflict(key, grainState.ETag));
        }

        grainState.ETag = next.Version.ToString();
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var stored = _records.GetValueOrDefault(key);
        if (stored?.Version.ToString() != grainState.ETag || (stored is not null && !_records.TryRemove(KeyValuePair.Create(key, stored))))
        {
            return Task.FromException(Conflict(key, grainState.ETag));
        }

        grainState.State = default;
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private InconsistentStateException Conflict((string Name, GrainId Id) key, string? current) =>
        new($"State {key.Name} of {key.Id} was changed by another.", _records.GetValueOrDefault(key)?.Version.ToString(), current);

    // Compared by reference, so that each write replaces exactly the record that it saw.
    private sealed class Record(byte[] json, long version)
    {
        public byte[] Json { get; } = json;

        public long Version { get; } = version;
    }
}
