using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace LlmObserve.Api.Holds;

/// <summary>
/// What a request under an idempotency key asks for, in few letters: of what was understood and not of the text, so that blanks, the order of
/// fields, and defaults that are spelled out make no difference. What the book says of it is left out: it changes.
/// </summary>
internal static class HoldDigest
{
    public static string Of(CallEstimate estimate, string? usageJson, string? spanType, string? customer, string? agent, bool clamp)
    {
        var call = estimate.Call;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var label in (ReadOnlySpan<string?>)[call.Provider, call.Model, call.Endpoint, spanType, customer, agent, usageJson])
            {
                writer.WriteStringValue(label);
            }

            writer.WriteBooleanValue(call.IsStreaming);
            if (estimate.Output is { } output)
            {
                writer.WriteNumberValue(call.Usage.InputTokens);
                writer.WriteNumberValue(output.Max);
                writer.WriteNumberValue(output.Min);
            }

            writer.WriteStringValue(estimate.StatesCost ? call.ClientCost.ToString() : null);
            writer.WriteNumberValue(estimate.Time.Ticks);
            writer.WriteBooleanValue(clamp);
            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }
}
