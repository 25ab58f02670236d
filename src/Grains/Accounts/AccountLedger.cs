using System.Collections.Immutable;
using System.Diagnostics;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Grains.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Ledger;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// The single writer of one account's ledger: one batch in flight, what arrives meanwhile forms the next. Lives inside the account's
/// activation and runs on its scheduler only, so plain fields are safe between awaits.
/// </summary>
/// <remarks>
/// Opening takes a new epoch. A commit whose outcome is unknown is never retried under the same epoch: the ledger closes, opens anew (the new
/// epoch waits for the lost statement), and the callers send the same batch again. Totals in memory go on answering meanwhile, as stale.
/// </remarks>
internal sealed partial class AccountLedger(
    AccountId account,
    IAccountDatabase database,
    Proofs proofs,
    AccountLedger.IOwner owner,
    GrainMetrics metrics,
    ILogger log)
{
    /// <summary>What may wait for one account, in events. About 50 MB; a client that is told to wait keeps the rest.</summary>
    internal const int MaxWaitingEvents = 50_000;

    private readonly Queue<Work> _queue = new();
    private Task _pump = Task.CompletedTask;
    private bool _open;
    private bool _opening;
    private bool _fenced;
    private int _waitingEvents;
    private Task _acks = Task.CompletedTask;

    /// <summary>What the ledger needs from the activation that it lives in.</summary>
    internal interface IOwner
    {
        /// <summary>Takes a new epoch and reloads everything that the ledger decides; throws where the database does not answer.</summary>
        Task<LedgerPosition> OpenAsync(CancellationToken cancellationToken);

        /// <summary>The buckets of an event in the account's time zone.</summary>
        LedgerRow ToRow(LedgerEvent ledgerEvent);

        /// <summary>Counts a commit in memory, in one synchronous step, and returns the delivery to whoever must hold it before the ack.</summary>
        Func<Task> Apply(LedgerAppend append, AppendResult result);

        /// <summary>Whether every cap that these events touch holds all that was committed; repairs what it can.</summary>
        ValueTask<bool> CaughtUpAsync(ImmutableArray<LedgerEvent> events);

        /// <summary>The ledger is open, under a new epoch.</summary>
        void Opened();

        /// <summary>The ledger closed: totals are stale until it is open again.</summary>
        void Closed();

        /// <summary>Another activation has taken over.</summary>
        void Fenced();
    }

    /// <summary>The epoch this activation writes under, and the last sequence it knows.</summary>
    internal LedgerPosition Position { get; private set; }

    internal bool IsOpen => _open && !_fenced;

    internal bool IsFenced => _fenced;

    /// <summary>A new epoch is being taken: what is written under <see cref="Position"/> is refused.</summary>
    internal bool IsOpening => _opening;

    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        _opening = true;
        try
        {
            var proof = proofs.Begin();
            Position = await owner.OpenAsync(cancellationToken);
            proofs.Succeeded(proof);
            _open = true;
            owner.Opened();
        }
        finally
        {
            _opening = false;
        }
    }

    internal Task<RecordResult> RecordAsync(ImmutableArray<LedgerEvent> events)
    {
        if (_fenced)
        {
            return Task.FromResult(RecordResult.SendAgain);
        }

        if (events.Length > EventBatch.MaxEvents)
        {
            throw new ArgumentException($"a batch has at most {EventBatch.MaxEvents} events, this one {events.Length}", nameof(events));
        }

        if (_waitingEvents + events.Length > MaxWaitingEvents && _waitingEvents > 0)
        {
            return Task.FromResult(RecordResult.Overloaded);
        }

        var batch = new Batch(events, Activity.Current?.Context ?? default);
        Count(events.Length);
        Enqueue(batch);
        return batch.Result.Task;
    }

    /// <summary>
    /// Runs an operation between two commits: nothing is in flight while it runs. Null where the ledger cannot be opened or is fenced.
    /// </summary>
    internal async Task<T?> InTurnAsync<T>(Func<CancellationToken, Task<T>> operation)
        where T : class
    {
        if (_fenced)
        {
            return null;
        }

        T? answer = null;
        var turn = new Turn(async cancellationToken => answer = await operation(cancellationToken));
        Enqueue(turn);
        return await turn.Done.Task ? answer : null;
    }

    /// <summary>Closes the ledger: what memory holds may differ from the database until it is open again.</summary>
    internal void Close()
    {
        if (_open)
        {
            _open = false;
            metrics.Closed();
            owner.Closed();
        }
    }

    /// <summary>Another write found that its epoch is over. While the ledger opens anew it may have ended that itself.</summary>
    internal void TakenOver()
    {
        if (!_fenced && !_opening)
        {
            Fence();
        }
    }

    /// <summary>Starts the pump where something waits or the ledger is closed.</summary>
    internal void Wake()
    {
        if (_pump.IsCompleted && !_fenced && (_queue.Count > 0 || !_open))
        {
            _pump = PumpAsync();
        }
    }

    /// <summary>Waits until all that was accepted is answered.</summary>
    internal async Task DrainAsync()
    {
        while (!_pump.IsCompleted || !_acks.IsCompleted)
        {
            await _pump;
            await _acks;
        }
    }

    private void Enqueue(Work work)
    {
        _queue.Enqueue(work);
        Wake();
    }

    private async Task PumpAsync()
    {
        // Begins on a turn of its own, so that whoever woke it is never part of it.
        await Task.Yield();
        while (!_fenced && (_queue.Count > 0 || !_open))
        {
            if (!_open && !await TryOpenAsync())
            {
                FailQueue(RecordResult.Unavailable);
                return;
            }

            if (_queue.TryPeek(out var next) && next is Turn turn)
            {
                _queue.Dequeue();
                await RunAsync(turn);
            }
            else if (next is not null)
            {
                await CommitAsync(Gather());
            }
        }
    }

    private async Task<bool> TryOpenAsync()
    {
        try
        {
            await OpenAsync(CancellationToken.None);
            return true;
        }
        catch (Exception e) when (LedgerFaults.IsDatabaseFault(e))
        {
            // Stays closed: callers are told to wait, the next call or the owner's timer tries again.
            LogOpenFailed(log, e, account);
            return false;
        }
        catch (EpochOverException)
        {
            // Another activation took over while this one loaded: it must go, and not take the epoch back.
            Fence();
            return false;
        }
        catch (Exception e)
        {
            // A boundary: nobody awaits the pump, and whoever waits in its queue must hear of whatever went wrong.
            LogOpenFailed(log, e, account);
            return false;
        }
    }

    private async Task RunAsync(Turn turn)
    {
        // A turn reads or rebuilds totals: every commit before it must have been delivered.
        await _acks;
        try
        {
            await turn.Operation(CancellationToken.None);
            turn.Done.TrySetResult(true);
        }
        catch (Exception e) when (LedgerFaults.IsDatabaseFault(e))
        {
            Close();
            turn.Done.TrySetResult(false);
        }
        catch (EpochOverException)
        {
            turn.Done.TrySetResult(false);
            Fence();
        }
        catch (Exception e)
        {
            // The caller sees its own fault (for example an unknown time zone); the pump goes on.
            turn.Done.TrySetException(e);
        }
    }

    private void FailQueue(RecordResult result)
    {
        while (_queue.TryDequeue(out var work))
        {
            if (work is Batch batch)
            {
                Count(-batch.Events.Length);
                batch.Result.TrySetResult(result);
            }
            else if (work is Turn turn)
            {
                turn.Done.TrySetResult(false);
            }
        }
    }

    private abstract class Work;

    private sealed class Batch(ImmutableArray<LedgerEvent> events, ActivityContext origin) : Work
    {
        /// <summary>The span of the request that it came with, if any.</summary>
        public ActivityContext Origin { get; } = origin;

        public ImmutableArray<LedgerEvent> Events { get; } = events;

        public TaskCompletionSource<RecordResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(Func<CancellationToken, Task> operation) : Work
    {
        public Func<CancellationToken, Task> Operation { get; } = operation;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <param name="Batches">Whose callers wait.</param>
    /// <param name="Rows">What goes to the ledger.</param>
    /// <param name="Places">For every event of every batch, in order, its row, or -1 where its id stands earlier in the commit.</param>
    private sealed record Commit(List<Batch> Batches, ImmutableArray<LedgerRow> Rows, List<int> Places)
    {
        public void Finish(RecordResult result)
        {
            foreach (var batch in Batches)
            {
                batch.Result.TrySetResult(result);
            }
        }
    }
}
