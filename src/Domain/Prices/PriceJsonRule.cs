using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// Reads match rules, in the book's short form (a text is <c>equals</c>, a list is <c>or</c>) and in the long form of the public data
/// (<c>{"or":[{"equals":"gpt-4o"},{"starts_with":"gpt-4o-2024"}]}</c>).
/// </summary>
internal static class PriceJsonRule
{
    /// <summary>The rule, or null where there is none or where it is faulty, which is noted.</summary>
    public static MatchRule? Rule(this PriceJson json, string name) => json.Member(name) is { } member ? Read(member, 0) : null;

    private static MatchRule? Read(PriceJson json, int depth)
    {
        if (depth > MatchRule.MaxDepth)
        {
            json.Fail("", FaultCodes.TooLong, $"rules nest deeper than {MatchRule.MaxDepth}");
            return null;
        }

        switch (json.Element.ValueKind)
        {
            case JsonValueKind.String:
                return Leaf(json, MatchKind.Equals, json.Element.GetString()!);
            case JsonValueKind.Array:
                return Group(json, depth) is { } parts ? MatchRule.Any(parts) : null;
            case JsonValueKind.Object when json.Names().ToList() is [var word]:
                return Named(json.Member(word) ?? json, word, depth);
            default:
                json.Fail("", FaultCodes.Malformed, "a rule is a text, a list, or an object of one member");
                return null;
        }
    }

    private static MatchRule? Named(PriceJson json, string word, int depth)
    {
        MatchKind? kind = word switch
        {
            "equals" => MatchKind.Equals,
            "starts_with" => MatchKind.StartsWith,
            "ends_with" => MatchKind.EndsWith,
            "contains" => MatchKind.Contains,
            "regex" => MatchKind.Regex,
            "and" => MatchKind.And,
            "or" => MatchKind.Or,
            _ => null,
        };
        switch (kind)
        {
            case null:
                json.Fail("", FaultCodes.UnknownValue, $"{word} is no match rule");
                return null;
            case MatchKind.And or MatchKind.Or when json.Element.ValueKind == JsonValueKind.Array:
                return Group(json, depth) is { } parts ? kind == MatchKind.And ? MatchRule.All(parts) : MatchRule.Any(parts) : null;
            case not (MatchKind.And or MatchKind.Or) when json.Element.ValueKind == JsonValueKind.String:
                return Leaf(json, kind.Value, json.Element.GetString()!);
            default:
                json.Fail("", FaultCodes.Malformed, $"{word} has a value of the wrong type");
                return null;
        }
    }

    private static MatchRule? Leaf(PriceJson json, MatchKind kind, string text)
    {
        if (text.Length == 0)
        {
            json.Fail("", FaultCodes.Required, "an empty rule would cover everything or nothing");
            return null;
        }

        try
        {
            return MatchRule.Of(kind, text);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            json.Fail("", FaultCodes.Malformed, $"the pattern cannot be used: {exception.Message}");
            return null;
        }
    }

    private static ImmutableArray<MatchRule>? Group(PriceJson json, int depth)
    {
        var parts = json.Items().Select(item => Read(item, depth + 1)).ToList();
        if (parts.Count == 0)
        {
            json.Fail("", FaultCodes.Required, "an empty rule would cover everything or nothing");
            return null;
        }

        return parts.Contains(null) ? null : [.. parts.Select(part => part!)];
    }
}
