using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Http;

/// <summary>Numbers, all of them in decimal.</summary>
public sealed partial class JsonFields
{
    /// <summary>Longer numbers are no amount or count; decimal itself holds 29 digits.</summary>
    private const int MaxNumberLength = 64;

    /// <summary>An amount of money of at most nine decimals, as a number or as a number in a string; null where missing or faulty.</summary>
    public Usd? ExactUsd(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind == JsonValueKind.String ? Text(name, value, MaxNumberLength) : "";
        switch (text is null ? UsdFault.None : Usd.ReadExact(text, out var amount))
        {
            case UsdFault.None:
                return text is null ? null : Usd.Parse(text);
            case UsdFault.TooPrecise:
                Add(name, FaultCodes.TooPrecise, "has more than 9 decimals");
                return null;
            case UsdFault.OutOfRange:
                Add(name, FaultCodes.OutOfRange, "is larger than any amount that can be kept");
                return null;
            default:
                Add(name, FaultCodes.Malformed, "must be a number of US dollars");
                return null;
        }
    }

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>, read in decimal; null where missing or faulty.</summary>
    public decimal? Number(string name, decimal min, decimal max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            Add(name, FaultCodes.Malformed, "must be a number");
            return null;
        }

        if (value.TryGetDecimal(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Add(name, FaultCodes.OutOfRange, $"must be from {min} to {max}");
        return null;
    }

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, also as <c>12.0</c>; null where missing or faulty.</summary>
    public long? Whole(string name, long min, long max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        var number = 0L;
        var fault = value.ValueKind == JsonValueKind.Number
            ? NumberText.ReadWhole(JsonMarshal.GetRawUtf8Value(value), max, out number)
            : NumberFault.NotWhole;
        if (fault == NumberFault.None && number >= min)
        {
            return number;
        }

        var (code, what) = fault == NumberFault.NotWhole
            ? (FaultCodes.Malformed, "must be a whole number")
            : (FaultCodes.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}"));
        Add(name, code, what);
        return null;
    }

    /// <summary>An amount of money from zero to <paramref name="max"/>, rounded to a nano-dollar; null where missing or faulty.</summary>
    public Usd? UpTo(string name, Usd max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            Add(name, FaultCodes.Malformed, "must be a number of US dollars");
            return null;
        }

        if (Usd.Read(JsonMarshal.GetRawUtf8Value(value), out var amount) == UsdFault.None && amount >= Usd.Zero && amount <= max)
        {
            return amount;
        }

        Add(name, FaultCodes.OutOfRange, $"must be from 0 to {max}");
        return null;
    }
}
