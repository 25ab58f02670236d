using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices;

/// <summary>An element of a price file and where it is. Reading notes each fault and goes on, so that one pass finds all.</summary>
internal readonly record struct PriceJson(JsonElement Element, string Path, List<Fault> Faults)
{
    private static readonly string[] TimeFormats = ["HH:mm", "HH:mm:ss", "HH:mm:ss'Z'", "HH:mm:ss'+00:00'"];

    private static readonly string[] InstantFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    /// <summary>Times of day are UTC.</summary>
    public static bool TryTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    public void Fail(string name, string code, string detail) => Faults.Add(new Fault(PathOf(name), code, detail));

    public bool Has(string name) => Member(name) is not null;

    /// <summary>The member, or null where it is missing or null.</summary>
    public PriceJson? Member(string name) =>
        IsObject && Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? this with { Element = value, Path = PathOf(name) }
            : null;

    public IEnumerable<string> Names() => IsObject ? Element.EnumerateObject().Select(member => member.Name) : [];

    /// <summary>Notes every member that is none of these: a field that is not understood must not change a price unseen.</summary>
    public void Only(params ReadOnlySpan<string> names)
    {
        if (!IsObject)
        {
            Fail("", FaultCodes.Malformed, "an object was expected");
            return;
        }

        foreach (var member in Element.EnumerateObject())
        {
            if (!names.Contains(member.Name))
            {
                Fail(member.Name, FaultCodes.UnknownValue, "this field is not known");
            }
        }
    }

    public string? Text(string name)
    {
        if (Member(name) is { Element.ValueKind: JsonValueKind.String } text && text.Element.GetString() is { Length: > 0 } value)
        {
            return value;
        }

        Fail(name, FaultCodes.Required, "a text is needed");
        return null;
    }

    public ImmutableArray<string> Texts(string name)
    {
        if (Member(name) is not { } list)
        {
            return [];
        }

        if (list.Element.ValueKind == JsonValueKind.Array
            && list.Element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
        {
            return [.. list.Element.EnumerateArray().Select(item => item.GetString()!)];
        }

        Fail(name, FaultCodes.Malformed, "a list of texts was expected");
        return [];
    }

    public IEnumerable<PriceJson> List(string name)
    {
        if (Member(name) is not { Element.ValueKind: JsonValueKind.Array } list)
        {
            Fail(name, FaultCodes.Required, "a list is needed");
            return [];
        }

        return list.Items();
    }

    public IEnumerable<PriceJson> Items()
    {
        var index = 0;
        foreach (var item in Element.EnumerateArray())
        {
            var label = IdOf(item) ?? index.ToString(CultureInfo.InvariantCulture);
            yield return this with { Element = item, Path = $"{Path}[{label}]" };
            index++;
        }
    }

    /// <summary>The item's id, to say where a fault is; null where it has none that can be read.</summary>
    private static string? IdOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return id.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: who reads the item finds and notes it.
            return null;
        }
    }

    public bool Flag(string name)
    {
        if (Member(name) is not { } flag)
        {
            return false;
        }

        if (flag.Element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fail(name, FaultCodes.Malformed, "true or false was expected");
        }

        return flag.Element.ValueKind == JsonValueKind.True;
    }

    public PriceKind? Kind(string name)
    {
        if (Member(name) is not { } member)
        {
            return null;
        }

        if (member.Element.ValueKind == JsonValueKind.String && PriceKinds.TryParse(member.Element.GetString()!, out var kind))
        {
            return kind;
        }

        Fail(name, FaultCodes.UnknownValue, "this is no kind of price");
        return null;
    }

    public decimal? Number(string name)
    {
        if (Member(name) is not { } member)
        {
            Fail(name, FaultCodes.Required, "a number is needed");
            return null;
        }

        if (PriceNumber.TryRead(member.Element, out var value, out var fault))
        {
            return value;
        }

        Fail(name, FaultCodes.Malformed, fault);
        return null;
    }

    /// <summary>A whole number from 0.</summary>
    public long? Whole(string name)
    {
        if (Member(name) is { Element.ValueKind: JsonValueKind.Number } member && member.Element.TryGetInt64(out var value) && value >= 0)
        {
            return value;
        }

        Fail(name, FaultCodes.Malformed, "a whole number from 0 is needed");
        return null;
    }

    public UnitPrice? Price(string name, int per)
    {
        if (Number(name) is not { } usd)
        {
            return null;
        }

        if (UnitPrice.TryCreate(usd, per, out var price, out var fault))
        {
            return price;
        }

        Fail(name, FaultCodes.OutOfRange, fault);
        return null;
    }

    public DateOnly? Date(string name)
    {
        if (Member(name) is { Element.ValueKind: JsonValueKind.String } member && TryDay(member.Element.GetString()!, out var date))
        {
            return date;
        }

        Fail(name, FaultCodes.Malformed, "a day is needed, as 2026-08-21");
        return null;
    }

    /// <summary>A day, which is its first instant in UTC, or an instant with its zone; null where there is none.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Member(name) is not { } member)
        {
            return null;
        }

        var text = member.Element.ValueKind == JsonValueKind.String ? member.Element.GetString()! : "";
        if (TryDay(text, out var day))
        {
            return new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        }

        if (DateTimeOffset.TryParseExact(text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
        {
            return instant.ToUniversalTime();
        }

        Fail(name, FaultCodes.Malformed, "a day or an instant is needed, as 2026-08-21 or 2026-08-21T16:30:00Z");
        return null;
    }

    private static bool TryDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    public string PathOf(string name) => name.Length == 0 ? Path : Path.Length == 0 ? name : $"{Path}.{name}";
}
