using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;

namespace LlmObserve.Api.Http;

/// <summary>
/// The fields of a small JSON object from a request's body, read one by one so that every fault is found, not the first. Fields that nobody
/// asks for are ignored; a null is the same as a missing field, and <see cref="IsNull"/> tells them apart. Of a name given twice the last counts.
/// </summary>
/// <example>
/// <code>
/// var (fields, problem) = await JsonFields.ReadAsync(context);
/// if (fields is null) return problem;
/// var email = fields.RequiredText("email", MaxEmailLength);
/// if (fields.Invalid is { } invalid) return invalid;
/// </code>
/// </example>
public sealed class JsonFields
{
    /// <summary>Bodies of everything but events hold a handful of short fields.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>No field here nests.</summary>
    private const int MaxDepth = 8;

    /// <summary>Longer numbers are no amount or count; decimal itself holds 29 digits.</summary>
    private const int MaxNumberLength = 64;

    private readonly JsonElement _body;
    private readonly ImmutableArray<Fault>.Builder _faults = ImmutableArray.CreateBuilder<Fault>();

    internal JsonFields(JsonElement body) => _body = body;

    /// <summary>Whether anything was wrong so far.</summary>
    public bool HasFaults => _faults.Count > 0;

    /// <summary>The answer to give where anything was wrong so far, else null.</summary>
    public Problem? Invalid => HasFaults ? Problems.Invalid(_faults.ToImmutable()) : null;

    /// <summary>Reads the body: the fields, or the problem to answer with.</summary>
    public static async ValueTask<JsonBodyResult> ReadAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!MediaTypes.IsJson(context.Request.ContentType))
        {
            return new JsonBodyResult(null, Problems.UnsupportedMediaType("The body must be JSON: send Content-Type: application/json."));
        }

        var (body, problem) = await SmallBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        if (problem is not null)
        {
            return new JsonBodyResult(null, problem);
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonBodyResult(new JsonFields(document.RootElement.Clone()), null)
                : new JsonBodyResult(null, Problems.MalformedBody("The body must be a JSON object."));
        }
        catch (JsonException e)
        {
            return new JsonBodyResult(null, Problems.MalformedBody(
                $"The body is not JSON: it breaks at line {e.LineNumber + 1}, byte {e.BytePositionInLine}."));
        }
    }

    /// <summary>Whether the field is there, also as null.</summary>
    public bool Has(string name) => _body.TryGetProperty(name, out _);

    /// <summary>Whether the field is there and null.</summary>
    public bool IsNull(string name) => _body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>Puts a fault on the list, for rules that look at a value or at several fields.</summary>
    public void Add(Fault fault) => _faults.Add(fault);

    /// <summary>A text that must be there and not be blank; "" after a fault.</summary>
    public string RequiredText(string name, int maxLength)
    {
        if (!TryGet(name, out var value))
        {
            Missing(name);
            return "";
        }

        var text = Text(name, value, maxLength);
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            Missing(name);
        }

        return text ?? "";
    }

    /// <summary>A text, or null where it is missing or faulty.</summary>
    public string? OptionalText(string name, int maxLength) => TryGet(name, out var value) ? Text(name, value, maxLength) : null;

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
                Add(new Fault(name, FaultCodes.TooPrecise, $"{name} has more than 9 decimals."));
                return null;
            case UsdFault.OutOfRange:
                Add(new Fault(name, FaultCodes.OutOfRange, $"{name} is larger than any amount that can be kept."));
                return null;
            default:
                Add(new Fault(name, FaultCodes.Malformed, $"{name} must be a number of US dollars."));
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
            Add(new Fault(name, FaultCodes.Malformed, $"{name} must be a number."));
            return null;
        }

        if (value.TryGetDecimal(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Add(new Fault(name, FaultCodes.OutOfRange, $"{name} must be from {min} to {max}."));
        return null;
    }

    /// <summary>True or false; null where missing or faulty.</summary>
    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Add(new Fault(name, FaultCodes.Malformed, $"{name} must be true or false."));
        return null;
    }

    /// <summary>One of a closed set of words; null where missing or faulty.</summary>
    public T? Word<T>(string name, params ReadOnlySpan<(string Word, T Value)> words)
        where T : struct
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            foreach (var (word, meaning) in words)
            {
                if (value.ValueEquals(word))
                {
                    return meaning;
                }
            }
        }

        var known = new List<string>(words.Length);
        foreach (var (word, _) in words)
        {
            known.Add(word);
        }

        Add(new Fault(name, FaultCodes.UnknownValue, $"{name} must be one of {string.Join(", ", known)}."));
        return null;
    }

    /// <summary>A list of texts; null where missing or faulty.</summary>
    public ImmutableArray<string>? Texts(string name, int maxCount, int maxLength)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Add(new Fault(name, FaultCodes.Malformed, $"{name} must be a list."));
            return null;
        }

        if (value.GetArrayLength() > maxCount)
        {
            Add(new Fault(name, FaultCodes.TooLong, $"{name} has {value.GetArrayLength()} items; at most {maxCount} are accepted."));
            return null;
        }

        var before = _faults.Count;
        var texts = ImmutableArray.CreateBuilder<string>();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (Text($"{name}[{(index++).ToString(CultureInfo.InvariantCulture)}]", item, maxLength) is { } text)
            {
                texts.Add(text);
            }
        }

        return _faults.Count == before ? texts.ToImmutable() : null;
    }

    private bool TryGet(string name, out JsonElement value) =>
        _body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private void Missing(string name) => Add(new Fault(name, FaultCodes.Required, $"{name} is required."));

    private string? Text(string path, JsonElement value, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Add(new Fault(path, FaultCodes.Malformed, $"{path} must be a string."));
            return null;
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // What the framework says of half a surrogate pair and of bytes that are not UTF-8.
            Add(new Fault(path, FaultCodes.BadCharacter, $"{path} is not valid Unicode."));
            return null;
        }

        return TextFaults.Check(path, text, maxLength, _faults) ? text : null;
    }
}

/// <summary>Either the fields of a body or the problem to answer with.</summary>
public readonly record struct JsonBodyResult(JsonFields? Fields, Problem? Problem)
{
    /// <summary>True with the fields; false with the problem.</summary>
    public bool TryGet([NotNullWhen(true)] out JsonFields? fields, [NotNullWhen(false)] out Problem? problem)
    {
        (fields, problem) = (Fields, Problem);
        return fields is not null;
    }
}
