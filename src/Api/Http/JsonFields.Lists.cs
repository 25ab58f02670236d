using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Http;

/// <summary>Lists of objects.</summary>
public sealed partial class JsonFields
{
    /// <summary>The objects of a list, whose faults are on the same list; empty where missing or faulty.</summary>
    public ImmutableArray<JsonFields> Objects(string name, int maxCount)
    {
        if (!TryGet(name, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Add(name, FaultCodes.Malformed, "must be a list");
            return [];
        }

        if (value.GetArrayLength() > maxCount)
        {
            Add(name, FaultCodes.TooLong, $"has {value.GetArrayLength()} items; at most {maxCount} are accepted");
            return [];
        }

        var objects = ImmutableArray.CreateBuilder<JsonFields>(value.GetArrayLength());
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var path = $"{name}[{(index++).ToString(CultureInfo.InvariantCulture)}]";
            if (item.ValueKind == JsonValueKind.Object)
            {
                objects.Add(new JsonFields(item, $"{_prefix}{path}.", _faults));
            }
            else
            {
                Add(path, FaultCodes.Malformed, "must be an object");
            }
        }

        return objects.ToImmutable();
    }

    /// <summary>A text for people to read, or null where missing or no text: cut to a length, without what cannot be kept. Never a fault.</summary>
    public string? DisplayText(string name, int maxLength)
    {
        if (!TryGetJson(name, out var json) || json is not [(byte)'"', .. var raw, (byte)'"'])
        {
            return null;
        }

        var letters = new char[raw.Length];
        var length = JsonText.Decode(raw, letters);
        for (var i = 0; i < length; i++)
        {
            letters[i] = char.IsControl(letters[i]) ? ' ' : letters[i];
        }

        var text = new string(letters, 0, length).Trim();
        text = text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
        return text.Length > 0 && TextFaults.Check(name, text, maxLength, new List<Fault>()) ? text : null;
    }
}
