using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Events;

/// <summary><c>event_metadata</c>: kept as sent, with one look for the status of the call.</summary>
internal sealed partial class EventReader
{
    /// <summary>An HTTP status has three digits; anything else is not looked at.</summary>
    private const int MaxHttpStatus = 999;

    private void ReadMetadata(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, ref EventDraft draft)
    {
        var field = EventField.EventMetadata.Name();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _values.WrongType(ref reader, field, "an object");
            return;
        }

        var start = (int)reader.TokenStartIndex;
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            // The framework's own comparison of names throws for half a surrogate pair.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 1
                && reader.ValueSpan.SequenceEqual("http_status"u8))
            {
                reader.Read();
                draft.HttpStatus = HttpStatus(ref reader);
            }
        }

        var json = text[start..(int)reader.BytesConsumed];
        if (json.Length > EventLimits.MaxMetadataBytes)
        {
            faults.Add(field, FaultCodes.TooLong, $"has {json.Length} bytes; at most {EventLimits.MaxMetadataBytes} are accepted");
        }
        else if (!Utf8.IsValid(json))
        {
            faults.Add(field, FaultCodes.BadCharacter, "is not valid UTF-8");
        }
        else
        {
            draft.MetadataJson = JsonText.WithoutBrokenEscapes(Encoding.UTF8.GetString(json));
        }
    }

    private static int HttpStatus(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            && NumberText.ReadWhole(reader.ValueSpan, MaxHttpStatus, out var status) == NumberFault.None)
        {
            return (int)status;
        }

        reader.Skip();
        return 0;
    }
}
