using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Events;

/// <summary>Texts and times.</summary>
internal sealed partial class EventReader
{
    /// <summary>Half a microsecond is lost in PostgreSQL; what is in memory must be what is stored.</summary>
    private const long TicksPerStoredUnit = TimeSpan.TicksPerMicrosecond;

    private string? Label(ref Utf8JsonReader reader, EventField field, int maxLength)
    {
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && reader.ValueSpan.Length <= maxLength
            && pool.Get(reader.ValueSpan) is { } known)
        {
            return NotBlank(field, known);
        }

        return Text(ref reader, field, maxLength);
    }

    private string? Text(ref Utf8JsonReader reader, EventField field, int maxLength)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            _values.WrongType(ref reader, field.Name(), "a string");
            return null;
        }

        var raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped && raw.Length <= maxLength && TextPool.IsPrintable(raw))
        {
            return NotBlank(field, Encoding.ASCII.GetString(raw));
        }

        return UnusualText(raw, field, maxLength) is { } text ? NotBlank(field, text) : null;
    }

    /// <summary>Escapes, letters beyond ASCII, control characters, or too long.</summary>
    private string? UnusualText(ReadOnlySpan<byte> raw, EventField field, int maxLength)
    {
        if (raw.Length > maxLength * JsonText.MaxBytesPerChar)
        {
            // However it is written: too long, and not worth decoding.
            faults.Add(field.Name(), FaultCodes.TooLong, $"has more than {maxLength} characters");
            return null;
        }

        if (!Utf8.IsValid(raw))
        {
            faults.Add(field.Name(), FaultCodes.BadCharacter, "is not valid UTF-8");
            return null;
        }

        var rented = ArrayPool<char>.Shared.Rent(raw.Length);
        try
        {
            var text = rented.AsSpan(0, JsonText.Decode(raw, rented));
            return faults.CheckText(field.Name(), text, maxLength) ? new string(text) : null;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private string? NotBlank(EventField field, string text)
    {
        if (!string.IsNullOrWhiteSpace(text) || !EventFields.Required.Contains(field))
        {
            return text;
        }

        faults.Add(field.Name(), FaultCodes.Required, "must not be empty");
        return null;
    }

    /// <summary>RFC 3339: <c>2026-03-01T09:30:00.125Z</c>, <c>2026-03-01T10:30:00+01:00</c>.</summary>
    private DateTimeOffset? Time(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            _values.WrongType(ref reader, field, "a time");
            return null;
        }

        // A time without an offset would be read as this machine's own.
        var text = reader.ValueSpan;
        var hasOffset = text is [.., (byte)'Z'] || (text.Length > 6 && text[^6] is (byte)'+' or (byte)'-' && text[^3] == (byte)':');
        if (!hasOffset || reader.ValueIsEscaped || !text.Contains((byte)'T') || !reader.TryGetDateTimeOffset(out var time))
        {
            faults.Add(field, FaultCodes.Malformed, "must be a time like 2026-03-01T09:30:00Z, with Z or an offset");
            return null;
        }

        if (time < receivedAt - EventLimits.MaxAge || time > receivedAt + EventLimits.MaxAhead)
        {
            faults.Add(field, FaultCodes.OutOfRange, $"must be from {EventLimits.MaxAge.Days} days ago to {EventLimits.MaxAhead.Minutes} minutes ahead");
            return null;
        }

        return new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TicksPerStoredUnit), TimeSpan.Zero);
    }
}
