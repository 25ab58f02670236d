using LlmObserve.Domain.Accounts;

namespace LlmObserve.Storage.Ledger;

/// <summary>
/// The batches that wait for their commit, oldest first, and the lanes that take them. A lane is one commit after the other; it begins when
/// there is work and ends when it finds none, so there is no timer and nothing to wake.
/// </summary>
/// <param name="maxLanes">Commits that may run at once.</param>
internal sealed class LedgerQueue(int maxLanes)
{
    /// <summary>
    /// Rows of one commit, unless a single batch has more. At this size the fixed cost of a commit no longer shows, while no caller waits
    /// for more than a second's work of others.
    /// </summary>
    private const int MaxCommitRows = 10_000;

    /// <summary>About what one commit may take in memory, here and once more in the server; a message to the server ends at 1 GB.</summary>
    private const long MaxCommitBytes = 64L << 20;

    /// <summary>About what may wait: more than the database can take in some ten seconds, far less than what a small machine has.</summary>
    private const long MaxWaitingBytes = 256L << 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingAppend> _waiting = new();
    private readonly HashSet<AccountId> _inCommit = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _waitingBytes;
    private int _lanes;
    private int _lanesLeaving;
    private bool _closed;

    /// <summary>What waits now.</summary>
    public (int Batches, long Bytes) Depth
    {
        get
        {
            lock (_gate)
            {
                return (_waiting.Count, _waitingBytes);
            }
        }
    }

    /// <summary>Adds a batch.</summary>
    /// <returns>Whether the caller has to start a lane.</returns>
    /// <exception cref="LedgerOverloadedException">Too much is waiting.</exception>
    /// <exception cref="ObjectDisposedException">The writer is closing.</exception>
    public bool Add(PendingAppend append)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(LedgerWriter));
            if (_waitingBytes > 0 && _waitingBytes + append.Bytes > MaxWaitingBytes)
            {
                throw new LedgerOverloadedException();
            }

            _waiting.AddLast(append);
            _waitingBytes += append.Bytes;
            if (_lanes == maxLanes)
            {
                return false;
            }

            _lanes++;
            return true;
        }
    }

    /// <summary>Takes a batch out that no commit has taken yet.</summary>
    public bool TryRemove(PendingAppend append)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(append))
            {
                return false;
            }

            _waitingBytes -= append.Bytes;
            return true;
        }
    }

    /// <summary>
    /// The next commit of a lane: the oldest batch and, while they fit, those of other accounts that were received in the same week. Empty
    /// where there is none, and then the lane has to <see cref="Leave"/>.
    /// </summary>
    public List<PendingAppend> Take()
    {
        lock (_gate)
        {
            List<PendingAppend> taken = [];
            var rows = 0;
            var bytes = 0L;
            for (var node = _waiting.First; node is not null;)
            {
                var (append, here) = (node.Value, node);
                node = node.Next;
                if (_inCommit.Contains(append.Append.Account) || (taken.Count > 0 && taken[0].Week != append.Week))
                {
                    continue;
                }

                if (taken.Count > 0 && (rows + append.Remaining.Length > MaxCommitRows || bytes + append.Bytes > MaxCommitBytes))
                {
                    break;
                }

                _waiting.Remove(here);
                _inCommit.Add(append.Append.Account);
                taken.Add(append);
                rows += append.Remaining.Length;
                bytes += append.Bytes;
            }

            _waitingBytes -= bytes;
            if (taken.Count == 0)
            {
                _lanes--;
                _lanesLeaving++;
            }

            // The order in which every commit locks the heads of its accounts.
            taken.Sort(static (a, b) => a.Append.Account.Value.CompareTo(b.Append.Account.Value));
            return taken;
        }
    }

    /// <summary>Takes everything that waits, without a commit.</summary>
    public List<PendingAppend> TakeAll()
    {
        lock (_gate)
        {
            List<PendingAppend> taken = [.. _waiting];
            _waiting.Clear();
            _waitingBytes = 0;
            return taken;
        }
    }

    /// <summary>Lets the accounts of a finished commit into the next; those of its batches that need another one go first.</summary>
    public void Release(List<PendingAppend> taken, IEnumerable<PendingAppend> again)
    {
        lock (_gate)
        {
            foreach (var append in taken)
            {
                _inCommit.Remove(append.Append.Account);
            }

            foreach (var append in again)
            {
                _waiting.AddFirst(append);
                _waitingBytes += append.Bytes;
            }
        }
    }

    /// <summary>A lane that found nothing to take has put its things away.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _lanesLeaving--;
            CompleteIfDrained();
        }
    }

    /// <summary>Lets nothing new in.</summary>
    /// <returns>Done when everything that waited is through.</returns>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            CompleteIfDrained();
            return _drained.Task;
        }
    }

    private void CompleteIfDrained()
    {
        if (_closed && _lanes == 0 && _lanesLeaving == 0)
        {
            _drained.TrySetResult();
        }
    }
}
