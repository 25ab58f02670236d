using System.Buffers.Binary;
using System.Globalization;

namespace LlmObserve.Api.Http;

/// <summary>Times on the wire: <c>2026-03-01T09:30:00Z</c>, with an offset, without seconds, or a date alone, which is its midnight in UTC.</summary>
internal static class WireTime
{
    /// <summary>Nothing happened here before: it keeps what is computed from a time within every calendar.</summary>
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static bool TryParse(string text, out DateTimeOffset time) => TryRead(text, out time) && IsSensible(time);

    /// <summary>The same for a body, of any year: a time without an offset is nobody's in particular there.</summary>
    public static bool TryParseWithOffset(string text, out DateTimeOffset time)
    {
        var hasOffset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        time = default;
        return hasOffset && TryRead(text, out time);
    }

    /// <summary>Reads a time as a cursor keeps it: ticks in UTC.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DateTimeOffset time)
    {
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var inRange = ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks;
        time = inRange ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return inRange && IsSensible(time);
    }

    private static bool TryRead(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        // A plus sign that was not escaped arrives as a blank, and no format above holds one.
        text.Replace(' ', '+'),
        Formats,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out time);

    private static bool IsSensible(DateTimeOffset time) => time >= Earliest && time <= Latest;
}
