using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmObserve.Domain.Money;

/// <summary>
/// JSON: a number, read from its own bytes and written with up to nine decimals. A string that holds a number is read too, because some
/// clients send decimals that way. Throws <see cref="JsonException"/> for anything else.
/// </summary>
public sealed class UsdJsonConverter : JsonConverter<Usd>
{
    public override Usd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var fault = Read(ref reader, exact: false, out var amount);
        return fault == UsdFault.None ? amount : throw new JsonException($"Not an amount of US dollars: {fault}.");
    }

    /// <summary>Reads the token under the reader without a round trip through text or floating point.</summary>
    /// <param name="reader">Stands on the token; any token that is neither number nor string is <see cref="UsdFault.Malformed"/>.</param>
    /// <param name="exact">Refuse more than nine decimals instead of rounding.</param>
    /// <param name="amount">The amount; zero where there is a fault.</param>
    public static UsdFault Read(ref Utf8JsonReader reader, bool exact, out Usd amount)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
        {
            amount = default;
            return UsdFault.Malformed;
        }

        if (!reader.HasValueSequence && !reader.ValueIsEscaped)
        {
            return exact ? Usd.ReadExact(reader.ValueSpan, out amount) : Usd.Read(reader.ValueSpan, out amount);
        }

        // Rare: the number lies across two buffers, or someone escaped its digits.
        var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (reader.ValueIsEscaped)
            {
                length = reader.CopyString(buffer);
            }
            else
            {
                reader.ValueSequence.CopyTo(buffer);
            }

            var text = buffer.AsSpan(0, length);
            return exact ? Usd.ReadExact(text, out amount) : Usd.Read(text, out amount);
        }
        catch (InvalidOperationException)
        {
            // CopyString throws this, and nothing else here does, for escapes that make no valid text, such as a lone surrogate.
            amount = default;
            return UsdFault.Malformed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Write(Utf8JsonWriter writer, Usd value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[Usd.MaxTextLength];
        value.TryFormat(text, out var length);
        writer.WriteRawValue(text[..length], skipInputValidation: true);
    }
}
