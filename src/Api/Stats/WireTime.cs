using System.Buffers.Binary;
using System.Globalization;

namespace LlmObserve.Api.Stats;

/// <summary>Times in a query: <c>2026-03-01T09:30:00Z</c>, with an offset, without seconds, or a date alone, which is its midnight in UTC.</summary>
internal static class WireTime
{
    /// <summary>Nothing happened here before: it keeps what is computed from a time within every calendar.</summary>
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        // A plus sign that was not escaped arrives as a blank, and no format above holds one.
        return DateTimeOffset.TryParseExact(
                text.Replace(' ', '+'),
                Formats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out time)
            && IsSensible(time);
    }

    /// <summary>Reads a time as a cursor keeps it: ticks in UTC.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DateTimeOffset time)
    {
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var inRange = ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks;
        time = inRange ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return inRange && IsSensible(time);
    }

    private static bool IsSensible(DateTimeOffset time) => time >= Earliest && time <= Latest;
}
