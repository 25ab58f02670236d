using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using LlmObserve.Domain.Faults;

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
public sealed partial class JsonFields
{
    /// <summary>Bodies of everything but events hold a handful of short fields.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Objects in objects, and nothing deeper.</summary>
    private const int MaxDepth = 8;

    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly string _prefix;
    private readonly ImmutableArray<Fault>.Builder _faults;

    internal JsonFields(JsonElement body)
        : this(body, "", ImmutableArray.CreateBuilder<Fault>())
    {
    }

    private JsonFields(JsonElement body, string prefix, ImmutableArray<Fault>.Builder faults)
    {
        _prefix = prefix;
        _faults = faults;
        foreach (var field in body.EnumerateObject())
        {
            _fields[NameOf(field)] = field.Value;
        }
    }

    /// <summary>Whether anything was wrong so far.</summary>
    public bool HasFaults => _faults.Count > 0;

    /// <summary>The answer to give where anything was wrong so far, else null.</summary>
    public Problem? Invalid => HasFaults ? Problems.Invalid(_faults.ToImmutable()) : null;

    /// <summary>Reads the body: the fields, or the problem to answer with.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">For the few bodies that hold lists.</param>
    /// <param name="maxDepth">For those in which objects lie deeper.</param>
    public static async ValueTask<JsonBodyResult> ReadAsync(HttpContext context, int maxBytes = MaxBodyBytes, int maxDepth = MaxDepth)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!MediaTypes.IsJson(context.Request.ContentType))
        {
            return new JsonBodyResult(null, Problems.UnsupportedMediaType("The body must be JSON: send Content-Type: application/json."));
        }

        var (body, problem) = await SmallBody.ReadAsync(context.Request, maxBytes, context.RequestAborted);
        if (problem is not null)
        {
            return new JsonBodyResult(null, problem);
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = maxDepth });
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
    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>Whether the field is there and null.</summary>
    public bool IsNull(string name) => _fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>Whether the field is there and not null, good or bad.</summary>
    public bool IsGiven(string name) => TryGet(name, out _);

    /// <summary>Puts a fault on the list, for rules that look at a value or at several fields. Its path is that of the whole body.</summary>
    public void Add(Fault fault) => _faults.Add(fault);

    /// <summary>Puts a fault of a field of this object on the list.</summary>
    /// <param name="name">Of the field.</param>
    /// <param name="code">From <see cref="FaultCodes"/>.</param>
    /// <param name="what">The end of a sentence that begins with the field's path: <c>must be a string</c>.</param>
    public void Add(string name, string code, string what) => Add(new Fault(_prefix + name, code, $"{_prefix}{name} {what}."));

    /// <summary>The fields of an object in this one, whose faults are on the same list; null where missing or faulty.</summary>
    public JsonFields? Object(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new JsonFields(value, $"{_prefix}{name}.", _faults);
        }

        Add(name, FaultCodes.Malformed, "must be an object");
        return null;
    }

    /// <summary>The text of a value as it was sent, for readers of their own; false where it is missing or null.</summary>
    public bool TryGetJson(string name, out ReadOnlySpan<byte> json)
    {
        var isThere = TryGet(name, out var value);
        json = isThere ? JsonMarshal.GetRawUtf8Value(value) : default;
        return isThere;
    }

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

        Add(name, FaultCodes.Malformed, "must be true or false");
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

        Add(name, FaultCodes.UnknownValue, $"must be one of {string.Join(", ", known)}");
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
            Add(name, FaultCodes.Malformed, "must be a list");
            return null;
        }

        if (value.GetArrayLength() > maxCount)
        {
            Add(name, FaultCodes.TooLong, $"has {value.GetArrayLength()} items; at most {maxCount} are accepted");
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
        _fields.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The framework's own reading of names throws for half a surrogate pair.</summary>
    private static string NameOf(JsonProperty field)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(field);
        var name = new char[raw.Length];
        return new string(name, 0, JsonText.Decode(raw, name));
    }

    private void Missing(string name) => Add(name, FaultCodes.Required, "is required");

    private string? Text(string name, JsonElement value, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Add(name, FaultCodes.Malformed, "must be a string");
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
            Add(name, FaultCodes.BadCharacter, "is not valid Unicode");
            return null;
        }

        return TextFaults.Check(_prefix + name, text, maxLength, _faults) ? text : null;
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
