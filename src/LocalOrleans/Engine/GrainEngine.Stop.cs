using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

// The graceful stop: no more calls from outside, what runs ends, every activation deactivates; all within the drain time-out.
internal sealed partial class GrainEngine
{
    // Activations that end at once: enough to keep a database busy, few enough not to run out of its connections.
    private const int DeactivationsAtOnce = 64;

    private readonly CancellationTokenSource _deactivationLimit = new();
    private readonly Lock _stopLock = new();
    private Task? _stopped;

    private volatile bool _isStopping;
    private volatile bool _isClosed;

    /// <summary>Whether calls from outside are refused.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Whether no activation is made any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Fires when activations that end have no more time for it.</summary>
    public CancellationToken DeactivationToken => _deactivationLimit.Token;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_stopLock)
        {
            return _stopped ??= StopOnceAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _deactivationLimit.Dispose();
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        using var time = new CancellationTokenSource(Options.DrainTimeout, Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            await DrainAsync(limit.Token);
            _isClosed = true;
            await DeactivateAllAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Log.StopCutShort(Logger, ActivationCount);
        }

        _isClosed = true;
        await _deactivationLimit.CancelAsync();
        await _clock.DisposeAsync();
        foreach (var pending in Outstanding.Snapshot())
        {
            pending.TryFail(new SiloUnavailableException($"The engine stopped before {CallChain.NameOf(pending.Call)} answered."));
        }
    }

    // Until a look at every activation finds all of them quiet: a request may start others on grains looked at before.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        for (var quiet = false; !quiet;)
        {
            quiet = true;
            foreach (var activation in Activations)
            {
                var end = activation.WhenQuiet();
                if (!end.IsCompleted)
                {
                    quiet = false;
                    await end.WaitAsync(cancellationToken);
                }
            }
        }
    }

    private async Task DeactivateAllAsync(CancellationToken cancellationToken)
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The engine stops.");
        var options = new ParallelOptions { MaxDegreeOfParallelism = DeactivationsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            Activations,
            options,
            async (activation, token) =>
            {
                var end = activation.Deactivated;
                activation.Deactivate(reason, token);
                await end.WaitAsync(token);
            });
    }
}
