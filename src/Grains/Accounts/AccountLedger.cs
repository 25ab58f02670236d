using System.Collections.Immutable;
using System.Diagnostics;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
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
    LedgerWriter writer,
    AccountLedger.IOwner owner,
    GrainMetrics metrics,
    ILogger log)
{
    /// <summary>What may wait for one account, in events. About 50 MB; a client that is told to wait keeps the rest.</summary>
    internal const int MaxWaitingEvents = 50_000;

    private readonly Queue<Work> _queue = new();
    private Task _pump = Task.CompletedTask;
    private bool _open;
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

        /// <summary>The ledger closed: totals are stale until it is open again.</summary>
        void Closed();

        /// <summary>Another activation has taken over.</summary>
        void Fenced();
    }

    /// <summary>The epoch this activation writes under, and the last sequence it knows.</summary>
    internal LedgerPosition Position { get; private set; }

    internal bool IsOpen => _open;

    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        Position = await owner.OpenAsync(cancellationToken);
        _open = true;
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

    private async Task CommitAsync(Commit commit)
    {
        if (commit.Rows.IsEmpty)
        {
            Acknowledge(commit, () => Task.CompletedTask, []);
            return;
        }

        var append = new LedgerAppend(account, Position.Epoch, Position.Seq, commit.Rows)
        {
            Origins = [.. commit.Batches.Select(batch => batch.Origin)],
        };
        var result = await AppendAsync(append);
        switch (result?.Outcome)
        {
            case AppendOutcome.Committed:
                Count(commit, append, result!);
                break;
            case AppendOutcome.Fenced:
                commit.Finish(RecordResult.SendAgain);
                Release(commit);
                Fence();
                break;
            case AppendOutcome.OutOfRange when commit.Batches.Count > 1:
                await CommitApartAsync(commit);
                break;
            case AppendOutcome.OutOfRange:
                commit.Finish(RecordResult.OutOfRange);
                Release(commit);
                break;
            case null:
                commit.Finish(RecordResult.Overloaded);
                Release(commit);
                break;
            case AppendOutcome.Unknown:
                LogOutcomeUnknown(log, result!.Error, account);
                commit.Finish(RecordResult.SendAgain);
                Release(commit);
                Close();
                break;
            default:
                LogRejected(log, result!.Error, account);
                commit.Finish(RecordResult.Unavailable);
                Release(commit);
                break;
        }
    }

    /// <summary>One batch is too much for the account's totals: the others must not fail with it.</summary>
    private async Task CommitApartAsync(Commit commit)
    {
        foreach (var batch in commit.Batches)
        {
            var alone = ToCommit([batch]);
            if (_open && !_fenced)
            {
                await CommitAsync(alone);
            }
            else
            {
                alone.Finish(RecordResult.SendAgain);
                Release(alone);
            }
        }
    }

    /// <summary>Null where the writer has too much waiting already.</summary>
    private async Task<AppendResult?> AppendAsync(LedgerAppend append)
    {
        try
        {
            return await writer.AppendAsync(append, CancellationToken.None);
        }
        catch (LedgerOverloadedException)
        {
            return null;
        }
        catch (ObjectDisposedException closing)
        {
            return new AppendResult(AppendOutcome.Rejected, 0, [], closing);
        }
    }

    private void Fence()
    {
        _fenced = true;
        metrics.Fenced();
        LogFenced(log, account, Position.Epoch);
        FailQueue(RecordResult.SendAgain);
        owner.Fenced();
    }

    private void Count(Commit commit, LedgerAppend append, AppendResult result)
    {
        Position = Position with { Seq = result.LastSeq };
        Func<Task> deliver;
        try
        {
            deliver = owner.Apply(append, result);
        }
        catch (Exception e)
        {
            // Durable but not counted, for example a total out of range: memory is wrong now, so it is read anew before anything else.
            LogApplyFailed(log, e, account, result.LastSeq);
            commit.Finish(RecordResult.Unavailable);
            Release(commit);
            Close();
            return;
        }

        Acknowledge(commit, deliver, result.Inserted);
    }

    /// <summary>Takes what waits, up to one commit's size and up to the next turn.</summary>
    private Commit Gather()
    {
        var batches = new List<Batch>();
        var events = 0;
        LedgerWeek? week = null;
        while (_queue.TryPeek(out var work) && work is Batch batch)
        {
            if (batches.Count > 0 && events + batch.Events.Length > EventBatch.MaxEvents)
            {
                break;
            }

            // All rows of an append live in one week of receipt; a resend may be of the week before.
            if (batch.Events.Length > 0)
            {
                var batchWeek = LedgerWeek.Of(batch.Events[0].ReceivedAt);
                if ((week ??= batchWeek) != batchWeek)
                {
                    break;
                }
            }

            _queue.Dequeue();
            batches.Add(batch);
            events += batch.Events.Length;
        }

        return ToCommit(batches);
    }

    /// <summary>An id that occurs twice goes in once.</summary>
    private Commit ToCommit(List<Batch> batches)
    {
        var rows = ImmutableArray.CreateBuilder<LedgerRow>();
        var places = new List<int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in batches)
        {
            foreach (var ledgerEvent in batch.Events)
            {
                var isNew = seen.Add(ledgerEvent.Id);
                places.Add(isNew ? rows.Count : -1);
                if (isNew)
                {
                    rows.Add(owner.ToRow(ledgerEvent));
                }
            }
        }

        return new Commit(batches, rows.DrainToImmutable(), places);
    }

    /// <summary>Answers a commit's callers once all that must hold it does; commits are delivered in their order.</summary>
    private void Acknowledge(Commit commit, Func<Task> deliver, ImmutableArray<bool> inserted)
    {
        _acks = AcknowledgeAfterAsync(_acks);

        async Task AcknowledgeAfterAsync(Task before)
        {
            await before;
            try
            {
                await deliver();
                await AnswerAsync(commit, inserted);
            }
            catch (Exception e)
            {
                // One commit's delivery must not stop the account: its callers send again, and the ids are skipped then.
                LogDeliveryFailed(log, e, account);
                commit.Finish(RecordResult.Unavailable);
            }

            Release(commit);
        }
    }

    private async Task AnswerAsync(Commit commit, ImmutableArray<bool> inserted)
    {
        var place = 0;
        foreach (var batch in commit.Batches)
        {
            var created = 0;
            for (var i = 0; i < batch.Events.Length; i++)
            {
                var row = commit.Places[place++];
                created += row >= 0 && inserted[row] ? 1 : 0;
            }

            batch.Result.TrySetResult(await owner.CaughtUpAsync(batch.Events)
                ? new RecordResult(RecordOutcome.Recorded, created, batch.Events.Length - created)
                : RecordResult.Unavailable);
        }
    }

    private void Release(Commit commit) => Count(-commit.Places.Count);

    private void Count(int moreWaiting)
    {
        _waitingEvents += moreWaiting;
        metrics.Waiting(moreWaiting);
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
