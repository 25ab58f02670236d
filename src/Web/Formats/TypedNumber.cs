using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmObserve.Web.Formats;

/// <summary>
/// Numbers as people type them into forms: <c>1,234.50</c>, <c>$20</c>. A comma parts thousands and nothing else: <c>0,5</c> is no number, and must not
/// become five dollars.
/// </summary>
internal static partial class TypedNumber
{
    private const int Patience = 1_000;

    /// <summary>The number; null for nothing; or the text as it was typed, and the API says what is wrong with that.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="unit">What one is: a hundredth, where percents are typed.</param>
    public static JsonValue? ToJson(string? text, decimal unit = 1)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return Parse(text) is { } number ? JsonValue.Create(number * unit) : JsonValue.Create(text);
    }

    private static decimal? Parse(string text) =>
        Shape().Match(text.Trim()) is { Success: true } match
        && decimal.TryParse(match.Groups["number"].Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^\$?\s*(?<number>-?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, Patience)]
    private static partial Regex Shape();
}
