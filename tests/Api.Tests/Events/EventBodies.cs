using System.Text;
using LlmObserve.Api.Events;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Api.Tests.Events;

/// <summary>What reading a body gave.</summary>
internal sealed record BodyResult(
    IReadOnlyList<LedgerEvent> Events, IReadOnlyList<RejectedEvent> Rejected, long RejectedCount, long Filtered, Problem? Problem)
{
    public IReadOnlyList<HoldId> Released { get; init; } = [];

    /// <summary>Events and released holds of the largest chunk.</summary>
    public int LargestChunk { get; init; }

    /// <summary>Every fault as <c>[0].id required</c>.</summary>
    public IEnumerable<string> Faults => Rejected.SelectMany(rejected => rejected.Errors).Select(fault => $"{fault.Path} {fault.Code}");
}

/// <summary>Reads bodies as the endpoint does, without a ledger.</summary>
internal static class EventBodies
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);

    private static readonly PriceBook s_book = ShippedPriceBook.Load();

    /// <summary>An event with nothing but what is required, and further fields as JSON: <c>"model":"gpt-4o"</c>.</summary>
    public static string Event(string id, string more = "") =>
        $$"""{"id":"{{id}}","run_id":"r","span_id":"s","section":"default","span_type":"llm","provider":"openai","endpoint":"chat"{{(more.Length == 0 ? "" : "," + more)}}}""";

    public static Task<BodyResult> ReadAsync(string body, bool lines = false, decimal discount = 1m) =>
        ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)), lines, discount);

    public static async Task<BodyResult> ReadAsync(Stream stream, bool lines = false, decimal discount = 1m)
    {
        var faults = new EventFaults();
        using var body = new EventBody(stream);
        using var lease = new MemoryLease(new IngestMemory());
        var events = new EventStream(
            body,
            lines ? new LineSplitter() : new ArraySplitter(),
            new EventReader(new TextPool(), faults, ReceivedAt),
            new EventPricing(s_book, AccountPrices.None, faults, ReceivedAt, discount),
            faults,
            lease);
        var all = new List<LedgerEvent>();
        var released = new List<HoldId>();
        var largest = 0;
        ChunkEnd end;
        do
        {
            end = await events.ReadChunkAsync(CancellationToken.None);
            var chunk = events.TakeChunk();
            if (end != ChunkEnd.Broken)
            {
                all.AddRange(chunk.Events);
                released.AddRange(chunk.ReleasedHolds);
                largest = Math.Max(largest, chunk.Events.Length + chunk.ReleasedHolds.Length);
            }
        }
        while (end == ChunkEnd.Full);

        return new BodyResult(all, faults.Rejected, faults.Count, events.Filtered, events.Problem)
        {
            Released = released,
            LargestChunk = largest,
        };
    }
}

/// <summary>Gives its bytes in pieces of given sizes, over and over.</summary>
internal sealed class PieceStream(byte[] bytes, IReadOnlyList<int> sizes) : Stream
{
    private int _position;
    private int _piece;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var size = Math.Min(Math.Min(buffer.Length, bytes.Length - _position), Math.Max(1, sizes[_piece++ % sizes.Count]));
        bytes.AsSpan(_position, size).CopyTo(buffer);
        _position += size;
        return size;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
