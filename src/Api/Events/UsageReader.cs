using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Events;

/// <summary><c>usage</c>: what a call consumed, by kind. Kinds that are not known are ignored, as unknown fields are.</summary>
/// <param name="report">As <see cref="ValueReader"/> takes it.</param>
internal sealed class UsageReader(Action<string, string, string> report)
{
    private static readonly string[] s_usageNames =
    [
        "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "reasoning_tokens",
        "input_audio_tokens", "output_audio_tokens", "input_image_tokens", "output_image_tokens", "requests", "web_searches", "read_units",
        "write_units", "characters", "images",
    ];

    private static readonly byte[][] s_usageBytes = [.. s_usageNames.Select(Encoding.UTF8.GetBytes)];

    private readonly ValueReader _values = new(report);
    private readonly long[] _kinds = new long[s_usageNames.Length];
    private ArrayBufferWriter<byte>? _usageBuffer;
    private Utf8JsonWriter? _usageWriter;

    /// <summary>The usage under the reader, and what was understood of it as JSON; null after another value than an object.</summary>
    public (Usage? Usage, string? Json) Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _values.WrongType(ref reader, "usage", "an object");
            return default;
        }

        Array.Clear(_kinds);
        var faultsBefore = _values.Faults;
        var (seconds, gb) = (0m, 0m);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var kind = UsageKind(ref reader);
            var isSeconds = reader.ValueSpan.SequenceEqual("seconds"u8);
            var isGb = reader.ValueSpan.SequenceEqual("gb"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null || (kind < 0 && !isSeconds && !isGb))
            {
                reader.Skip();
            }
            else if (kind >= 0)
            {
                _kinds[kind] = _values.Whole(ref reader, "usage." + s_usageNames[kind]);
            }
            else if (isSeconds)
            {
                seconds = _values.Fraction(ref reader, "usage.seconds");
            }
            else
            {
                gb = _values.Fraction(ref reader, "usage.gb");
            }
        }

        var usage = ToUsage(seconds, gb);
        if (_values.Faults == faultsBefore)
        {
            CheckParts(usage);
        }

        return (usage, ToJson(seconds, gb));
    }

    private static int UsageKind(ref Utf8JsonReader reader)
    {
        for (var kind = 0; kind < s_usageBytes.Length; kind++)
        {
            if (reader.ValueSpan.SequenceEqual(s_usageBytes[kind]))
            {
                return kind;
            }
        }

        return -1;
    }

    private Usage ToUsage(decimal seconds, decimal gb) => new()
    {
        InputTokens = _kinds[0],
        OutputTokens = _kinds[1],
        CacheReadTokens = _kinds[2],
        CacheWrite5mTokens = _kinds[3],
        CacheWrite1hTokens = _kinds[4],
        ReasoningTokens = _kinds[5],
        InputAudioTokens = _kinds[6],
        OutputAudioTokens = _kinds[7],
        InputImageTokens = _kinds[8],
        OutputImageTokens = _kinds[9],
        Requests = _kinds[10],
        WebSearches = _kinds[11],
        ReadUnits = _kinds[12],
        WriteUnits = _kinds[13],
        Characters = _kinds[14],
        Images = _kinds[15],
        Seconds = seconds,
        Gb = gb,
    };

    /// <summary>
    /// A part that is larger than its whole means that the client does not count as this contract does, for example sends a provider's
    /// <c>input_tokens</c> that leaves the cache out: the call would be priced too low, so it is refused and says why.
    /// </summary>
    private void CheckParts(Usage usage)
    {
        var cached = usage.CacheReadTokens + usage.CacheWrite5mTokens + usage.CacheWrite1hTokens;
        CheckPart("usage.input_tokens", usage.InputTokens, cached, "cache_read_tokens and cache_write_*_tokens are");
        CheckPart("usage.input_tokens", usage.InputTokens, usage.InputAudioTokens, "input_audio_tokens are");
        CheckPart("usage.input_tokens", usage.InputTokens, usage.InputImageTokens, "input_image_tokens are");
        CheckPart("usage.output_tokens", usage.OutputTokens, usage.ReasoningTokens, "reasoning_tokens are");
        CheckPart("usage.output_tokens", usage.OutputTokens, usage.OutputAudioTokens, "output_audio_tokens are");
        CheckPart("usage.output_tokens", usage.OutputTokens, usage.OutputImageTokens, "output_image_tokens are");
    }

    private void CheckPart(string field, long whole, long part, string partsAre)
    {
        if (part > whole)
        {
            _values.Report(field, FaultCodes.Conflict, $"is the whole, but {partsAre} more: {part} of {whole}");
        }
    }

    /// <summary>What was understood, in one form, so that nothing unread is stored.</summary>
    private string ToJson(decimal seconds, decimal gb)
    {
        _usageBuffer ??= new ArrayBufferWriter<byte>();
        _usageBuffer.ResetWrittenCount();
        _usageWriter ??= new Utf8JsonWriter(_usageBuffer);
        _usageWriter.Reset(_usageBuffer);
        _usageWriter.WriteStartObject();
        for (var kind = 0; kind < _kinds.Length; kind++)
        {
            if (_kinds[kind] != 0)
            {
                _usageWriter.WriteNumber(s_usageNames[kind], _kinds[kind]);
            }
        }

        if (seconds != 0)
        {
            _usageWriter.WriteNumber("seconds", seconds);
        }

        if (gb != 0)
        {
            _usageWriter.WriteNumber("gb", gb);
        }

        _usageWriter.WriteEndObject();
        _usageWriter.Flush();
        return Encoding.UTF8.GetString(_usageBuffer.WrittenSpan);
    }
}
