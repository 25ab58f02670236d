using System.Buffers.Binary;
using System.Text;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>A message of Protocol Buffers without its description: fields by number.</summary>
internal sealed class Protobuf
{
    private const int Varint = 0;
    private const int EightBytes = 1;
    private const int Counted = 2;
    private const int FourBytes = 5;

    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public Protobuf(ReadOnlyMemory<byte> message)
    {
        while (message.Length > 0)
        {
            var key = ReadVarint(ref message);
            var start = message;
            var length = (int)(key & 7) switch
            {
                Varint => SkipVarint(ref message),
                EightBytes => 8,
                FourBytes => 4,
                Counted => CountedLength(ref message, out start),
                var other => throw new InvalidDataException($"Wire type {other}."),
            };
            _fields.Add(((int)(key >> 3), start[..length]));
            message = start[length..];
        }
    }

    /// <summary>The messages in a field, each time that it occurs.</summary>
    public IEnumerable<Protobuf> Messages(int field) => Of(field).Select(bytes => new Protobuf(bytes));

    /// <summary>The text of a field; empty where it is not there.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(Of(field).FirstOrDefault().Span);

    /// <summary>The bytes of a field in hexadecimal.</summary>
    public string Hex(int field) => Convert.ToHexString(Of(field).FirstOrDefault().Span);

    /// <summary>A field of eight bytes; 0 where it is not there.</summary>
    public long Fixed64(int field) =>
        Of(field).FirstOrDefault() is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes.Span) : 0;

    private IEnumerable<ReadOnlyMemory<byte>> Of(int field) => _fields.Where(f => f.Number == field).Select(f => f.Bytes);

    private static int CountedLength(ref ReadOnlyMemory<byte> message, out ReadOnlyMemory<byte> start)
    {
        var length = (int)ReadVarint(ref message);
        start = message;
        return length;
    }

    private static int SkipVarint(ref ReadOnlyMemory<byte> message)
    {
        var before = message.Length;
        ReadVarint(ref message);
        return before - message.Length;
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message.Span[0];
            message = message[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
