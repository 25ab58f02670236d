using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>How batches become commits, and commits answers.</summary>
internal sealed partial class AccountLedger
{
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
            var proof = proofs.Begin();
            var result = await database.AppendAsync(append, CancellationToken.None);
            if (result.Outcome == AppendOutcome.Committed)
            {
                proofs.Succeeded(proof);
            }

            return result;
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
            var holds = ImmutableArray.CreateBuilder<HoldReport>();
            for (var i = 0; i < batch.Events.Length; i++)
            {
                var row = commit.Places[place++];
                if (row >= 0 && inserted[row])
                {
                    created++;
                    Report(commit.Rows[row], holds);
                }
            }

            batch.Result.TrySetResult(await owner.CaughtUpAsync(batch.Events)
                ? new RecordResult(RecordOutcome.Recorded, created, batch.Events.Length - created, holds.ToImmutable())
                : RecordResult.Unavailable);
        }
    }

    /// <summary>Names a hold that its event did not settle plainly.</summary>
    private static void Report(in LedgerRow row, ImmutableArray<HoldReport>.Builder reports)
    {
        if (row.Hold is not { } hold || reports.Count == RecordResult.MaxHolds)
        {
            return;
        }

        var overrun = Usd.Max(Usd.Zero, row.Event.Cost - (hold.Held ?? row.Event.Cost));
        if (hold.Outcome != HoldOutcome.Settled || hold.LabelMismatch || overrun > Usd.Zero)
        {
            reports.Add(new HoldReport(row.Event.Id, row.Event.HoldId!, hold.Outcome, hold.Held, overrun, hold.LabelMismatch));
        }
    }

    private void Release(Commit commit) => Count(-commit.Places.Count);

    private void Count(int moreWaiting)
    {
        _waitingEvents += moreWaiting;
        metrics.Waiting(moreWaiting);
    }
}
