using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace LlmObserve.Storage.Ledger;

/// <summary>A batch on its way through the writer.</summary>
internal sealed class PendingAppend
{
    /// <summary>What an event takes beside its JSON: its object, its strings, its place in the parameters of a commit.</summary>
    private const int BytesPerRow = 2048;

    /// <summary>What an overrun takes: itself, and its place in the sums of a commit. An event has one for each cap that it counts in.</summary>
    private const int BytesPerOverrun = 64;

    // Continuations are the callers': they must not run on the writer's turn.
    private readonly TaskCompletionSource<AppendResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Per row of the batch: known to exist already.
    private readonly bool[] _duplicates;

    public PendingAppend(LedgerAppend append)
    {
        Append = append;
        Week = LedgerWeek.Of(append.Rows[0].Event.ReceivedAt);
        foreach (var row in append.Rows)
        {
            if (row.Event.ReceivedAt < Week.Start || row.Event.ReceivedAt >= Week.End)
            {
                throw new ArgumentException($"A batch of account {append.Account} has rows of different weeks of receipt.", nameof(append));
            }

            Bytes += BytesPerRow + (sizeof(char) * ((row.Event.MetadataJson?.Length ?? 0) + (row.Event.UsageJson?.Length ?? 0)));
            if (row.Hold is { Overruns: { IsDefault: false } overruns })
            {
                Bytes += BytesPerOverrun * (long)overruns.Length;
            }
        }

        _duplicates = new bool[append.Rows.Length];
        Remaining = append.Rows;
    }

    public LedgerAppend Append { get; }

    public LedgerWeek Week { get; }

    /// <summary>About what it takes in memory.</summary>
    public long Bytes { get; }

    /// <summary>The rows that are not known to be duplicates.</summary>
    public ImmutableArray<LedgerRow> Remaining { get; private set; }

    public Task<AppendResult> Answer => _answer.Task;

    /// <summary>Takes out rows that exist already, given by their places, from 0, in <see cref="Remaining"/>.</summary>
    public void RemoveDuplicates(IReadOnlyCollection<int> places)
    {
        var gone = places.ToHashSet();
        var place = 0;
        for (var i = 0; i < _duplicates.Length; i++)
        {
            _duplicates[i] = _duplicates[i] || gone.Contains(place++);
        }

        Remaining = [.. Append.Rows.Where((_, i) => !_duplicates[i])];
    }

    public void Commit(long lastSeq)
    {
        var inserted = new bool[_duplicates.Length];
        for (var i = 0; i < inserted.Length; i++)
        {
            inserted[i] = !_duplicates[i];
        }

        _answer.SetResult(new(AppendOutcome.Committed, lastSeq, ImmutableCollectionsMarshal.AsImmutableArray(inserted)));
    }

    public void Fail(AppendOutcome outcome, Exception? error = null) => _answer.SetResult(new(outcome, 0, [], error));

    public void Cancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
