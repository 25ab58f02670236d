using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>
/// Several clients that send batch after batch, and each batch again until it is acknowledged, as the SDKs do. It keeps account of what was
/// sent and what was acknowledged.
/// </summary>
internal sealed class EventLoad : IAsyncDisposable
{
    private const int DefaultClients = 4;
    private const int BatchSize = 50;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<JsonObject[]> _sent = new();
    private readonly ConcurrentQueue<JsonObject[]> _acknowledged = new();
    private readonly ConcurrentQueue<Answer> _refused = new();
    private readonly Task _running;
    private int _lost;

    private EventLoad(ApiClient client, int clients) =>
        _running = Task.WhenAll(Enumerable.Range(0, clients).Select(worker => RunAsync(client, worker)));

    /// <summary>Every event that was sent, acknowledged or not.</summary>
    public IEnumerable<JsonObject> Sent => _sent.SelectMany(batch => batch);

    /// <summary>How many batches were acknowledged.</summary>
    public int Acknowledgements => _acknowledged.Count;

    /// <summary>The ids of the acknowledged events.</summary>
    public IEnumerable<string> AcknowledgedIds => _acknowledged.SelectMany(batch => batch).Select(e => (string)e["id"]!);

    /// <summary>Answers other than 201.</summary>
    public IReadOnlyCollection<Answer> Refused => _refused;

    /// <summary>Requests that ended without an answer.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>Starts it.</summary>
    public static EventLoad Start(ApiClient client, int clients = DefaultClients) => new(client, clients);

    /// <summary>Waits until so many more batches have been acknowledged.</summary>
    public async Task AcknowledgeMoreAsync(int batches)
    {
        var until = Acknowledgements + batches;
        await Wait.UntilAsync(
            () => Acknowledgements >= until || _running.IsFaulted,
            () => $"{until} acknowledgements; there are {Acknowledgements}, and refused were {_refused.LastOrDefault()}");
        await ThrowIfFailedAsync();
    }

    /// <summary>Lets the batches under way end, and sends no more. Where the server is dead, its clients end by themselves.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running);
        _stop.Dispose();
    }

    private async Task ThrowIfFailedAsync()
    {
        if (_running.IsFaulted)
        {
            await _running;
        }
    }

    private async Task RunAsync(ApiClient client, int worker)
    {
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            JsonObject[] batch = [.. Enumerable.Range(0, BatchSize).Select(i => Events.Numbered($"{worker}-{number}-{i}", (number * 7) + i))];
            _sent.Enqueue(batch);
            while (!await TryAsync(client, batch) && !_stop.IsCancellationRequested)
            {
                await Wait.PauseAsync();
            }
        }
    }

    private async Task<bool> TryAsync(ApiClient client, JsonObject[] batch)
    {
        Answer answer;
        try
        {
            answer = await client.PostEventsAsync(batch);
        }
        catch (HttpRequestException)
        {
            // The server died under it; whether the batch landed is what the test finds out.
            Interlocked.Increment(ref _lost);
            return false;
        }

        if (answer.Status == HttpStatusCode.Created)
        {
            _acknowledged.Enqueue(batch);
            return true;
        }

        _refused.Enqueue(answer);
        return false;
    }
}
