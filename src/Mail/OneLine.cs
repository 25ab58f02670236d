using System.Globalization;
using System.Text;

namespace LlmObserve.Mail;

/// <summary>A text as one line that looks like what it is.</summary>
internal static class OneLine
{
    private const char Cut = '…';

    /// <summary>
    /// Without control characters, line breaks, halves of surrogate pairs and what turns the direction of text around; white space once; at most
    /// <paramref name="maxLength"/> UTF-16 units, with an ellipsis where something was cut off.
    /// </summary>
    public static string Of(string text, int maxLength)
    {
        var line = new StringBuilder(Math.Min(text.Length, maxLength));
        var space = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control)
            {
                space = line.Length > 0;
            }
            else if (IsShown(rune))
            {
                if (line.Length + rune.Utf16SequenceLength + (space ? 1 : 0) > maxLength)
                {
                    return CutOff(line, maxLength);
                }

                if (space)
                {
                    line.Append(' ');
                    space = false;
                }

                line.Append(rune.ToString());
            }
        }

        return line.ToString();
    }

    private static string CutOff(StringBuilder line, int maxLength)
    {
        if (line.Length == maxLength)
        {
            // The ellipsis takes the place of the last character, both halves of it.
            line.Length -= char.IsLowSurrogate(line[^1]) ? 2 : 1;
        }

        return line.Append(Cut).ToString();
    }

    // Halves of surrogate pairs are enumerated as U+FFFD. U+202A to U+202E, U+2066 to U+2069 and the marks beside them turn directions around.
    private static bool IsShown(Rune rune) =>
        rune != Rune.ReplacementChar && rune.Value is not (0x200E or 0x200F or 0x061C or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069));
}
