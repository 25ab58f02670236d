using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// Appends to the ledger, one per process. While a commit runs, the batches of all accounts gather; the next commit takes them together.
/// Safe to use from any thread.
/// </summary>
public sealed partial class LedgerWriter : IAsyncDisposable
{
    /// <summary>Commits at once: while the server works on one, the next is put together and the last answered.</summary>
    internal const int MaxLanes = 2;

    /// <summary>
    /// Classes of errors (the first two characters of the code) that come from one account: bad values, broken constraints, values too large
    /// for a row or an index, a head that is locked. Everything else is the server's, and would fail each account alike.
    /// </summary>
    private static readonly string[] s_accountErrors = ["22", "23", "54", "55"];

    private readonly NpgsqlDataSource _db;
    private readonly LedgerPartitions _partitions;
    private readonly TimeProvider _time;
    private readonly ILogger<LedgerWriter> _logger;
    private readonly LedgerQueue _queue = new(MaxLanes);
    private readonly ConcurrentBag<LedgerConnection> _idle = [];
    private readonly LedgerMetrics _metrics;

    public LedgerWriter(NpgsqlDataSource db, LedgerPartitions partitions, TimeProvider time, IMeterFactory meters, ILogger<LedgerWriter> logger)
    {
        (_db, _partitions, _time, _logger) = (db, partitions, time, logger);
        _metrics = new LedgerMetrics(meters, _queue);
    }

    /// <summary>Other than usual in tests only, which hold locks for longer.</summary>
    internal LedgerTimeouts Timeouts { get; init; } = new();

    /// <summary>
    /// Appends one batch. Cancelling it helps only while it waits, and then nothing was written; once a commit has taken it the answer comes.
    /// </summary>
    /// <returns>How it ended. It is never tried again here where that could write it twice.</returns>
    /// <exception cref="LedgerOverloadedException">Too much is waiting; nothing was written.</exception>
    /// <exception cref="ObjectDisposedException">The writer is closing; nothing was written.</exception>
    /// <exception cref="ArgumentException">The batch is empty, or its rows were received in different weeks.</exception>
    public async Task<AppendResult> AppendAsync(LedgerAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        if (append.Rows.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A batch has at least one row.", nameof(append));
        }

        cancellationToken.ThrowIfCancellationRequested();
        var started = _time.GetTimestamp();
        var outcome = LedgerOutcomes.Cancelled;
        try
        {
            var result = await WaitAsync(append, cancellationToken);
            outcome = LedgerOutcomes.Of(result.Outcome);
            return result;
        }
        catch (LedgerOverloadedException)
        {
            outcome = LedgerOutcomes.Overloaded;
            throw;
        }
        catch (ObjectDisposedException)
        {
            outcome = LedgerOutcomes.Closing;
            throw;
        }
        finally
        {
            _metrics.Appended(outcome, _time.GetElapsedTime(started));
        }
    }

    /// <summary>Lets nothing new in, finishes what waits, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _queue.CloseAsync();
        while (_idle.TryTake(out var connection))
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<AppendResult> WaitAsync(LedgerAppend append, CancellationToken cancellationToken)
    {
        var pending = new PendingAppend(append);
        if (_queue.Add(pending))
        {
            // Not the caller's context: the lane outlives this call and serves others.
            ThreadPool.UnsafeQueueUserWorkItem(static writer => _ = writer.RunLaneAsync(), this, preferLocal: false);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                if (_queue.TryRemove(pending))
                {
                    pending.Cancel(token);
                }
            },
            null);
        return await pending.Answer;
    }

    private async Task RunLaneAsync()
    {
        if (!_idle.TryTake(out var connection))
        {
            connection = new LedgerConnection(_db, Timeouts);
        }

        while (true)
        {
            var taken = _queue.Take();
            if (taken.Count == 0)
            {
                break;
            }

            List<PendingAppend> again = [];
            await CommitAsync(connection, taken, again);
            _queue.Release(taken, again);
        }

        // In this order: closing waits for the last lane to leave, and then closes what is idle.
        _idle.Add(connection);
        _queue.Leave();
    }

    /// <summary>One commit; every batch is answered or in <paramref name="again"/> when it returns. It does not throw.</summary>
    private async Task CommitAsync(LedgerConnection connection, List<PendingAppend> taken, List<PendingAppend> again)
    {
        LedgerCommit commit;
        try
        {
            commit = new LedgerCommit(
                taken[0].Week,
                [.. taken.Select(p => new CommitPart(p.Append.Account, p.Append.Epoch, p.Append.ExpectedSeq, p.Remaining))]);
        }
        catch (OverflowException tooLarge)
        {
            await RejectOrSplitAsync(connection, taken, again, tooLarge, isOneAccounts: true);
            return;
        }

        using var span = CommitSpan.Start(commit, taken);
        var started = _time.GetTimestamp();
        void End(string outcome)
        {
            CommitSpan.End(span, outcome);
            _metrics.Committed(outcome, _time.GetElapsedTime(started), commit.RowCount, taken.Count);
        }

        try
        {
            await PrepareAsync(connection, commit.Week);
        }
        catch (Exception notSent)
        {
            End(LedgerOutcomes.NotSent);

            // A boundary: whatever kept the statement from being sent, the callers must hear of it and the lane must go on. What waits
            // would meet the same: refused now, it can be tried again elsewhere or later.
            await connection.ResetAsync();
            Reject([.. taken, .. _queue.TakeAll()], notSent);
            return;
        }

        try
        {
            var answer = await connection.ExecuteAsync(commit);
            End(LedgerOutcomes.Committed);
            Answer(taken, answer, again);
        }
        catch (PostgresException refused) when (refused.InvariantSeverity == "ERROR")
        {
            End(LedgerOutcomes.Rejected);
            if (refused.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // The week was dropped under the prepared statement; preparing again makes it anew.
                await connection.ResetAsync();
            }

            await RejectOrSplitAsync(connection, taken, again, refused, s_accountErrors.Contains(refused.SqlState[..2]));
        }
        catch (Exception lost)
        {
            // A boundary: the statement was sent and its end was not seen. Only the ledger's own sequence can tell what became of it, and
            // that is for the next activation to read.
            End(LedgerOutcomes.Unknown);
            LogUnknown(_logger, commit.RowCount, taken.Count, lost);
            await connection.ResetAsync();
            taken.ForEach(pending => pending.Fail(AppendOutcome.Unknown, lost));
        }
    }

    private async Task PrepareAsync(LedgerConnection connection, LedgerWeek week)
    {
        try
        {
            await connection.PrepareAsync(week, CancellationToken.None);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            await _partitions.EnsureAroundAsync(week, CancellationToken.None);
            await connection.PrepareAsync(week, CancellationToken.None);
        }
    }

    private static void Answer(List<PendingAppend> taken, CommitAnswer answer, List<PendingAppend> again)
    {
        var firstRow = 1;
        for (var i = 0; i < taken.Count; i++)
        {
            var pending = taken[i];
            var rows = pending.Remaining.Length;
            switch (answer.BaseByAccount[i])
            {
                case CommitStatement.Fenced:
                    pending.Fail(AppendOutcome.Fenced);
                    break;
                case CommitStatement.HasDuplicates:
                    var (from, to) = (firstRow, firstRow + rows);
                    pending.RemoveDuplicates([.. answer.DuplicateRows.Where(row => row >= from && row < to).Select(row => row - from)]);
                    if (pending.Remaining.IsEmpty)
                    {
                        pending.Commit(pending.Append.ExpectedSeq);
                    }
                    else
                    {
                        again.Add(pending);
                    }

                    break;
                case var lastSeq:
                    pending.Commit(lastSeq + rows);
                    break;
            }

            firstRow += rows;
        }
    }

    private async Task RejectOrSplitAsync(
        LedgerConnection connection, List<PendingAppend> taken, List<PendingAppend> again, Exception error, bool isOneAccounts)
    {
        if (isOneAccounts && taken.Count == 1 && error is OverflowException or PostgresException { SqlState: PostgresErrorCodes.NumericValueOutOfRange })
        {
            LogOutOfRange(_logger, taken[0].Append.Account, error);
            taken[0].Fail(AppendOutcome.OutOfRange, error);
            return;
        }

        if (!isOneAccounts || taken.Count == 1)
        {
            Reject(taken, error);
            return;
        }

        LogSplit(_logger, taken.Count, error);
        foreach (var pending in taken)
        {
            await CommitAsync(connection, [pending], again);
        }
    }

    private void Reject(List<PendingAppend> refused, Exception error)
    {
        LogRejected(_logger, refused.Sum(pending => pending.Remaining.Length), refused.Count, error);
        refused.ForEach(pending => pending.Fail(AppendOutcome.Rejected, error));
    }
}
