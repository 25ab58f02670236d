using System.Globalization;
using System.Text.Json;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Events;

/// <summary>
/// Reads single numbers and flags off a JSON reader that stands on them; a faulty one reads as zero or false, and the reader goes on behind it.
/// </summary>
/// <param name="report">Takes a field's name, a code from <see cref="FaultCodes"/>, and the end of a sentence that begins with the field.</param>
internal sealed class ValueReader(Action<string, string, string> report)
{
    /// <summary>How many faults were found so far.</summary>
    public int Faults { get; private set; }

    public long Whole(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, field, "a number");
            return 0;
        }

        var fault = NumberText.ReadWhole(reader.ValueSpan, EventLimits.MaxQuantity, out var value);
        return Check(fault, field, EventLimits.MaxQuantity) ? value : 0;
    }

    public decimal Fraction(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, field, "a number");
            return 0;
        }

        var fault = NumberText.ReadDecimal(reader.ValueSpan, EventLimits.MaxQuantity, out var value);
        return Check(fault, field, EventLimits.MaxQuantity) ? decimal.Round(value, EventLimits.MaxDecimals, MidpointRounding.ToEven) : 0;
    }

    public int Latency(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, field, "a number");
            return 0;
        }

        var fault = NumberText.ReadDecimal(reader.ValueSpan, EventLimits.MaxLatencyMs, out var value);
        return Check(fault, field, EventLimits.MaxLatencyMs) ? (int)decimal.Round(value, MidpointRounding.ToEven) : 0;
    }

    public Usd Money(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            WrongType(ref reader, field, "a number");
            return Usd.Zero;
        }

        var fault = Usd.Read(reader.ValueSpan, out var amount);
        if (reader.ValueSpan[0] == (byte)'-' && (fault != UsdFault.None || amount.IsNegative))
        {
            Report(field, FaultCodes.NotPositive, "must not be negative");
            return Usd.Zero;
        }

        if (fault != UsdFault.None || amount > EventLimits.MaxCost)
        {
            Report(field, FaultCodes.OutOfRange, $"must be at most {EventLimits.MaxCost}");
            return Usd.Zero;
        }

        return amount;
    }

    public bool Flag(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            return reader.TokenType == JsonTokenType.True;
        }

        WrongType(ref reader, field, "true or false");
        return false;
    }

    public void WrongType(ref Utf8JsonReader reader, string field, string wanted)
    {
        var given = reader.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "a list",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            _ => "true or false",
        };
        Report(field, FaultCodes.Malformed, $"must be {wanted}, not {given}");
        reader.Skip();
    }

    /// <summary>Adds a fault that was found by looking at several values.</summary>
    public void Report(string field, string code, string what)
    {
        Faults++;
        report(field, code, what);
    }

    private bool Check(NumberFault fault, string field, long max)
    {
        switch (fault)
        {
            case NumberFault.None:
                return true;
            case NumberFault.Negative:
                Report(field, FaultCodes.NotPositive, "must not be negative");
                return false;
            case NumberFault.TooLarge:
                Report(field, FaultCodes.OutOfRange, $"must be at most {max.ToString(CultureInfo.InvariantCulture)}");
                return false;
            default:
                Report(field, FaultCodes.Malformed, "must be a whole number");
                return false;
        }
    }
}
