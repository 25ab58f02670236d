using System.Text.Json;
using System.Text.Unicode;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Events;

/// <summary>
/// Reads the text of one event into a draft and finds everything that is wrong with it. Serves one request: it keeps buffers between events.
/// Raw sample: <c>{"id":"…","run_id":"…","span_id":"…","section":"agent:researcher","span_type":"llm","provider":"openai",
/// "endpoint":"chat","model":"gpt-4o-2024-08-06","input_tokens":812,"output_tokens":64,"cost_usd":0.00267,"latency_ms":731}</c>.
/// </summary>
/// <remarks>The hot path of ingest: no document, no floating point, and no allocation but the strings that are kept.</remarks>
internal sealed partial class EventReader(TextPool pool, EventFaults faults, DateTimeOffset receivedAt)
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = EventLimits.MaxDepth };

    private readonly ValueReader _values = new(faults.Add);
    private readonly UsageReader _usage = new(faults.Add);

    /// <summary>Reads one event. What is wrong is in the faults; fields without a fault are in the draft either way.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Read(ReadOnlySpan<byte> text, ref EventDraft draft)
    {
        var reader = new Utf8JsonReader(text, s_options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            faults.Add("", FaultCodes.Malformed, "must be an object");
            while (reader.Read())
            {
                // To the end: what is no event must be JSON all the same.
            }

            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(ref reader);
            reader.Read();
            if (field == EventField.Unknown)
            {
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                draft.Given |= 1UL << (int)field;
                ReadField(ref reader, text, field, ref draft);
            }
        }

        // After the object nothing may follow: this throws.
        reader.Read();
        CheckWhole(text, ref draft);
    }

    private static EventField FieldOf(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return EventFields.Find(name);
        }

        // Nobody escapes these letters, but it means the same.
        if (name.Length > EventFields.MaxNameLength * JsonText.MaxBytesPerChar)
        {
            return EventField.Unknown;
        }

        Span<char> letters = stackalloc char[name.Length];
        letters = letters[..JsonText.Decode(name, letters)];
        Span<byte> plain = stackalloc byte[letters.Length];
        return System.Text.Ascii.FromUtf16(letters, plain, out var length) == System.Buffers.OperationStatus.Done
            ? EventFields.Find(plain[..length])
            : EventField.Unknown;
    }

    private void ReadField(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, EventField field, ref EventDraft draft)
    {
        switch (field)
        {
            case EventField.Id:
                draft.Id = Text(ref reader, field, EventLimits.MaxIdLength);
                break;
            case EventField.RunId:
                draft.RunId = Text(ref reader, field, EventLimits.MaxIdLength);
                break;
            case EventField.SpanId:
                draft.SpanId = Text(ref reader, field, EventLimits.MaxIdLength);
                break;
            case EventField.ParentSpanId:
                draft.ParentSpanId = Text(ref reader, field, EventLimits.MaxIdLength);
                break;
            case EventField.VoiceCallId:
                draft.VoiceCallId = Text(ref reader, field, EventLimits.MaxIdLength);
                break;
            case EventField.HoldId:
                draft.HoldId = Text(ref reader, field, EventLimits.MaxWordLength);
                break;
            case EventField.Section:
                draft.Section = Label(ref reader, field, EventLimits.MaxLabelLength);
                break;
            case EventField.SectionPath:
                draft.SectionPath = Label(ref reader, field, EventLimits.MaxSectionPathLength);
                break;
            case EventField.SpanType:
                draft.SpanType = Label(ref reader, field, EventLimits.MaxWordLength);
                break;
            case EventField.Provider:
                draft.Provider = Label(ref reader, field, EventLimits.MaxLabelLength);
                break;
            case EventField.Endpoint:
                draft.Endpoint = Label(ref reader, field, EventLimits.MaxLabelLength);
                break;
            case EventField.Model:
                draft.Model = Label(ref reader, field, EventLimits.MaxLabelLength);
                break;
            case EventField.CustomerId:
                draft.CustomerId = Label(ref reader, field, EventLimits.MaxLabelLength);
                break;
            case EventField.Status:
                draft.Status = Label(ref reader, field, EventLimits.MaxWordLength);
                break;
            case EventField.SemanticLabel:
                draft.SemanticLabel = Label(ref reader, field, EventLimits.MaxLabelLength);
                break;
            case EventField.VoiceSegmentType:
                draft.VoiceSegmentType = Label(ref reader, field, EventLimits.MaxWordLength);
                break;
            case EventField.VoicePlatform:
                draft.VoicePlatform = Label(ref reader, field, EventLimits.MaxWordLength);
                break;
            case EventField.InputTokens:
                draft.InputTokens = _values.Whole(ref reader, field.Name());
                break;
            case EventField.OutputTokens:
                draft.OutputTokens = _values.Whole(ref reader, field.Name());
                break;
            case EventField.CachedTokens:
                draft.CachedTokens = _values.Whole(ref reader, field.Name());
                break;
            case EventField.CostUsd:
                draft.ClientCost = _values.Money(ref reader, field.Name());
                break;
            case EventField.LatencyMs:
                draft.LatencyMs = _values.Latency(ref reader, field.Name());
                break;
            case EventField.AudioDurationSeconds:
                draft.AudioDurationSeconds = _values.Fraction(ref reader, field.Name());
                break;
            case EventField.IsStreaming:
                draft.IsStreaming = _values.Flag(ref reader, field.Name());
                break;
            case EventField.StreamCancelled:
                draft.StreamCancelled = _values.Flag(ref reader, field.Name());
                break;
            case EventField.OccurredAt:
                draft.OccurredAt = Time(ref reader, field.Name());
                break;
            case EventField.EventMetadata:
                ReadMetadata(ref reader, text, ref draft);
                break;
            default:
                (draft.Usage, draft.UsageJson) = _usage.Read(ref reader);
                break;
        }
    }

    private void CheckWhole(ReadOnlySpan<byte> text, ref EventDraft draft)
    {
        foreach (var field in EventFields.Required)
        {
            if (!draft.Has(field))
            {
                faults.Add(field.Name(), FaultCodes.Required, "is required");
            }
        }

        if (!faults.Any && !Utf8.IsValid(text))
        {
            // In a field that nobody reads; in a field that is read it has been named already.
            faults.Add("", FaultCodes.BadCharacter, "is not valid UTF-8");
        }
    }
}
