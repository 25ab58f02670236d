using System.Globalization;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Http;

/// <summary>Times.</summary>
public sealed partial class JsonFields
{
    /// <summary>2026-03-01T09:30:00.1234567+01:00 has 33.</summary>
    private const int MaxInstantLength = 40;

    /// <summary>A time as RFC 3339 writes it, with its offset: <c>2026-03-01T09:30:00Z</c>; in UTC. Null where missing or faulty.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (!TryGet(name, out var value) || Text(name, value, MaxInstantLength) is not { } text)
        {
            return null;
        }

        // The format takes a time without an offset too, and that is nobody's in particular.
        var hasOffset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-');
        if (hasOffset && DateTimeOffset.TryParseExact(
            text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var instant))
        {
            return instant;
        }

        Add(name, FaultCodes.Malformed, "must be a time such as 2026-03-01T09:30:00Z");
        return null;
    }
}
