using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>A place in a list as text that means nothing to clients: the walk's window and order, and the last row that was given.</summary>
internal readonly record struct StatsCursor(StatsWindow Window, StatsOrder Order, StatsPosition Position)
{
    /// <summary>Changes when the bytes change meaning, so that an old cursor is refused and not misread.</summary>
    private const byte Version = 2;

    /// <summary>In the byte of the order, beside what the rows are sorted by.</summary>
    private const byte Ascending = 0x80;

    private const int WindowAt = 2;
    private const int ValueAt = WindowAt + (2 * sizeof(long));
    private const int HeadLength = ValueAt + sizeof(long);
    private const int MaxLength = 4_096;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override string ToString()
    {
        var bytes = new byte[HeadLength + Strict.GetByteCount(Position.Name)];
        bytes[0] = Version;
        bytes[1] = (byte)((byte)Order.Sort | (Order.IsAscending ? Ascending : 0));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(WindowAt), Window.From.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(WindowAt + sizeof(long)), Window.To.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ValueAt), Position.Value);
        Strict.GetBytes(Position.Name, bytes.AsSpan(HeadLength));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out StatsCursor cursor)
    {
        cursor = default;
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < HeadLength || bytes[0] != Version
            || !WireTime.TryRead(bytes.AsSpan(WindowAt), out var from) || !WireTime.TryRead(bytes.AsSpan(WindowAt + sizeof(long)), out var to)
            || from >= to || to - from > TimeSpan.FromDays(StatsRequest.MaxDays)
            || !TryReadName(bytes.AsSpan(HeadLength), out var name))
        {
            return false;
        }

        cursor = new StatsCursor(
            new StatsWindow(from, to),
            new StatsOrder((StatsSort)(bytes[1] & ~Ascending), (bytes[1] & Ascending) != 0),
            new StatsPosition(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(ValueAt)), name));
        return true;
    }

    private static bool TryReadName(ReadOnlySpan<byte> bytes, out string name)
    {
        try
        {
            name = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            name = "";
            return false;
        }

        return TextFaults.Check("cursor", name, MaxLength, new List<Fault>());
    }
}
