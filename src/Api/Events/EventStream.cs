using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;

namespace LlmObserve.Api.Events;

/// <summary>Why a chunk ended.</summary>
internal enum ChunkEnd
{
    /// <summary>It is full: record it and read on.</summary>
    Full,

    /// <summary>The body is over: record what there is.</summary>
    BodyOver,

    /// <summary>The body cannot be read on; <see cref="EventStream.Problem"/> says why. The chunk is not to be recorded.</summary>
    Broken,
}

/// <summary>
/// The events of one body, a chunk at a time: memory is bounded by the chunk, however many events the body has. Bad events do not stop good
/// ones; a body that is not what it claims to be stops everything.
/// </summary>
internal sealed class EventStream(EventBody body, ElementSplitter splitter, EventReader reader, EventPricing pricing, EventFaults faults, MemoryLease memory)
{
    /// <summary>What an event takes in memory for each byte of its text: two bytes a letter, and the object around it.</summary>
    private const int MemoryPerByte = 4;

    private readonly ImmutableArray<LedgerEvent>.Builder _chunk = ImmutableArray.CreateBuilder<LedgerEvent>();
    private readonly ImmutableArray<HoldId>.Builder _released = ImmutableArray.CreateBuilder<HoldId>();
    private readonly bool _isLines = splitter is LineSplitter;
    private long _index;
    private int _chunkBytes;
    private int _brokenLines;

    /// <summary>Events that were read, whatever became of them.</summary>
    public long Received => _index;

    /// <summary>Good ones that the price book could not price.</summary>
    public long Unpriced { get; private set; }

    /// <summary>Events that the provider did not charge, which are not recorded.</summary>
    public long Filtered { get; private set; }

    /// <summary>Why the body cannot be read on.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>Reads until the chunk is full or the body ends.</summary>
    public async ValueTask<ChunkEnd> ReadChunkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ReadWindow() is { } end)
            {
                return end;
            }

            try
            {
                await body.FillAsync(cancellationToken);
            }
            catch (InvalidDataException)
            {
                return Break(Problems.MalformedBody("The body is not gzip as its Content-Encoding says, or it was cut short."));
            }

            if (body.State == BodyState.TooLarge)
            {
                return Break(Problems.BodyTooLarge(
                    $"The body has more than {EventLimits.MaxBodyBytes / (1024 * 1024)} MiB after decompression; send it in several."));
            }

            if (!HasRoom())
            {
                return Count > 0
                    ? ChunkEnd.Full
                    : Break(Problems.Unavailable("Too many events are being read at once; try again later.", ShedReasons.IngestMemory));
            }
        }
    }

    /// <summary>The chunk, which may hold nothing; the next one begins empty.</summary>
    public EventBatch TakeChunk()
    {
        var chunk = new EventBatch(_chunk.DrainToImmutable(), _released.DrainToImmutable());
        _chunkBytes = 0;
        memory.TryResize(body.WindowBytes);
        return chunk;
    }

    /// <summary>What the chunk holds so far: events, and holds of events that are not recorded.</summary>
    private int Count => _chunk.Count + _released.Count;

    /// <summary>Reads the elements that are in the window; null where more bytes are needed.</summary>
    private ChunkEnd? ReadWindow()
    {
        while (true)
        {
            var window = body.Window;
            var split = splitter.Next(window, body.State == BodyState.Over);
            switch (split.Kind)
            {
                case SplitKind.Element:
                    ReadElement(window.Slice(split.Start, split.Length));
                    _chunkBytes += split.Length;
                    break;
                case SplitKind.Dropped:
                    RejectDropped();
                    break;
                case SplitKind.Broken:
                    Problem = Problems.MalformedBody(splitter.Error!);
                    break;
                case SplitKind.End:
                    return ChunkEnd.BodyOver;
                default:
                    body.Advance(split.Advance);
                    return null;
            }

            body.Advance(split.Advance);
            if (Problem is not null)
            {
                return ChunkEnd.Broken;
            }

            if (Count >= EventBatch.MaxEvents || _chunkBytes >= EventLimits.MaxChunkBytes)
            {
                return ChunkEnd.Full;
            }
        }
    }

    private void ReadElement(ReadOnlySpan<byte> text)
    {
        var draft = default(EventDraft);
        faults.Begin(_index);
        try
        {
            reader.Read(text, ref draft);
            Take(draft);
        }
        catch (JsonException e)
        {
            BreakElement(e);
        }

        faults.End(draft.Id);
        _index++;
    }

    private void Take(in EventDraft draft)
    {
        if (faults.Any)
        {
            return;
        }

        if (draft.IsFiltered)
        {
            Filtered++;
            if (HoldId.TryParse(draft.HoldId, out var hold))
            {
                _released.Add(hold);
            }
        }
        else if (pricing.Price(draft) is { } priced)
        {
            _chunk.Add(priced);
            Unpriced += priced.Unpriced ? 1 : 0;
        }
    }

    private void BreakElement(JsonException e)
    {
        var what = $"is not JSON: it breaks at line {e.LineNumber + 1}, byte {e.BytePositionInLine}";
        faults.Begin(_index);
        if (_isLines && ++_brokenLines <= EventLimits.MaxBrokenLines)
        {
            // Lines stand for themselves: the others can be good.
            faults.Add("", FaultCodes.Malformed, what);
            return;
        }

        Problem = Problems.MalformedBody($"Element {_index} {what}.");
    }

    private void RejectDropped()
    {
        faults.Begin(_index++);
        if (splitter.Drop == DropReason.TooDeep)
        {
            faults.Add("", FaultCodes.OutOfRange, $"nests deeper than {EventLimits.MaxDepth} levels");
        }
        else
        {
            faults.Add("", FaultCodes.TooLong, $"has more than {EventLimits.MaxEventBytes} bytes");
        }

        faults.End(id: null);
    }

    private bool HasRoom() => memory.TryResize(body.WindowBytes + ((long)_chunkBytes * MemoryPerByte));

    private ChunkEnd Break(Problem problem)
    {
        Problem = problem;
        return ChunkEnd.Broken;
    }
}
