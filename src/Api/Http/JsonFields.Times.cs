using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Http;

/// <summary>Times.</summary>
public sealed partial class JsonFields
{
    /// <summary>2026-03-01T09:30:00.1234567+01:00 has 33.</summary>
    private const int MaxInstantLength = 40;

    /// <summary>A time with its offset: <c>2026-03-01T09:30:00Z</c>; in UTC. Null where missing or faulty.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (!TryGet(name, out var value) || Text(name, value, MaxInstantLength) is not { } text)
        {
            return null;
        }

        if (WireTime.TryParseWithOffset(text, out var instant))
        {
            return instant;
        }

        Add(name, FaultCodes.Malformed, "must be a time such as 2026-03-01T09:30:00Z");
        return null;
    }
}
