namespace LlmObserve.Api.Events;

/// <summary>
/// The memory that all bodies in flight take together. Where it is used up, a request is told to come back before memory grows; what it
/// has sent so far is recorded first, to make room.
/// </summary>
internal sealed class IngestMemory
{
    /// <summary>4,000 small requests at once, or 8 that each send the largest chunk as fast as they can.</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    private long _used;

    /// <summary>What is taken now.</summary>
    public long UsedBytes => Interlocked.Read(ref _used);

    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= MaxBytes || bytes <= 0)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }
}

/// <summary>One request's part of <see cref="IngestMemory"/>.</summary>
internal sealed class MemoryLease(IngestMemory memory) : IDisposable
{
    private long _held;

    /// <summary>Makes the part larger or smaller; false where there is not so much left, and it stays as it was.</summary>
    public bool TryResize(long bytes)
    {
        if (!memory.TryTake(bytes - _held))
        {
            return false;
        }

        _held = bytes;
        return true;
    }

    public void Dispose()
    {
        memory.TryTake(-_held);
        _held = 0;
    }
}
