namespace LlmObserve.LocalOrleans;

/// <summary>
/// The calls that wait for an answer, in order of their due times, so that a time-out costs no timer per call: the engine's one
/// timer looks at the front of each list. Sharded, so that callers on different threads do not meet in one lock.
/// </summary>
internal sealed class OutstandingCalls(TimeProvider time, TimeSpan timeout)
{
    // More shards than threads that call at once on common machines; each is two references and a lock.
    private const int ShardCount = 16;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];
    private readonly long _timeoutTicks = (long)(timeout.TotalSeconds * time.TimestampFrequency);

    public void Add(Pending pending)
    {
        pending.Deadline = time.GetTimestamp() + _timeoutTicks;
        _shards[Environment.CurrentManagedThreadId % ShardCount].Append(pending);
    }

    /// <summary>Those that are due. They stay listed until ended.</summary>
    public List<Pending> Due()
    {
        var now = time.GetTimestamp();
        var due = new List<Pending>();
        foreach (var shard in _shards)
        {
            shard.CollectUntil(now, due);
        }

        return due;
    }

    /// <summary>All of them.</summary>
    public List<Pending> Snapshot()
    {
        var all = new List<Pending>();
        foreach (var shard in _shards)
        {
            shard.CollectUntil(long.MaxValue, all);
        }

        return all;
    }

    /// <summary>A doubly linked list: ends are added at, any place is removed from.</summary>
    internal sealed class Shard
    {
        private readonly Lock _lock = new();
        private Pending? _first;
        private Pending? _last;

        public void Append(Pending pending)
        {
            lock (_lock)
            {
                pending.Shard = this;
                pending.Previous = _last;
                if (_last is null)
                {
                    _first = pending;
                }
                else
                {
                    _last.Following = pending;
                }

                _last = pending;
            }
        }

        public void Remove(Pending pending)
        {
            lock (_lock)
            {
                if (pending.Shard is null)
                {
                    return;
                }

                pending.Shard = null;
                if (pending.Previous is null)
                {
                    _first = pending.Following;
                }
                else
                {
                    pending.Previous.Following = pending.Following;
                }

                if (pending.Following is null)
                {
                    _last = pending.Previous;
                }
                else
                {
                    pending.Following.Previous = pending.Previous;
                }

                pending.Previous = pending.Following = null;
            }
        }

        public void CollectUntil(long deadline, List<Pending> into)
        {
            lock (_lock)
            {
                for (var pending = _first; pending is not null && pending.Deadline <= deadline; pending = pending.Following)
                {
                    into.Add(pending);
                }
            }
        }
    }
}
