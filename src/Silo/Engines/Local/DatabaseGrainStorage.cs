using System.Globalization;
using System.Text.Json;
using LlmObserve.Storage.GrainState;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.Silo.Engines;

/// <summary>
/// Keeps the persistent state of grains in PostgreSQL for the in-process engine, as JSON under an etag. The cluster has a provider of its own.
/// </summary>
public sealed class DatabaseGrainStorage(GrainStateStore store, TimeProvider clock) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = await store.ReadAsync(KeyOf(stateName, grainId), CancellationToken.None);
        grainState.ETag = record is null ? null : TextOf(record.Etag);
        grainState.RecordExists = record?.Payload is not null;
        grainState.State = record?.Payload is { } payload ? JsonSerializer.Deserialize<T>(payload) : Activator.CreateInstance<T>();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await SwapAsync(stateName, grainId, grainState, JsonSerializer.SerializeToUtf8Bytes(grainState.State));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await SwapAsync(stateName, grainId, grainState, null);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    private async Task SwapAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, byte[]? payload)
    {
        var etag = grainState.ETag is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : GrainStateStore.NoEtag;
        var written = await store.WriteAsync(KeyOf(stateName, grainId), payload, etag, clock.GetUtcNow(), CancellationToken.None);
        grainState.ETag = written is { } now
            ? TextOf(now)
            : throw new InconsistentStateException(
                $"state '{stateName}' of {grainId} was written by somebody else since it was read", "unknown", grainState.ETag);
    }

    private static GrainStateKey KeyOf(string stateName, GrainId grainId) =>
        new(grainId.Type.ToString()!, grainId.Key.ToString()!, stateName);

    private static string TextOf(long etag) => etag.ToString(CultureInfo.InvariantCulture);
}
