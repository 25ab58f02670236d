namespace LlmObserve.Domain.Faults;

/// <summary>What no text from outside may hold, because a database, a page or a log cannot carry it through.</summary>
public static class TextFaults
{
    /// <summary>
    /// Adds a fault where <paramref name="text"/> is longer than <paramref name="maxLength"/> UTF-16 units, or holds NUL, another control
    /// character or half of a surrogate pair. True where there is none.
    /// </summary>
    public static bool Check(string path, ReadOnlySpan<char> text, int maxLength, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (text.Length > maxLength)
        {
            faults.Add(new Fault(path, FaultCodes.TooLong, $"{path} has {text.Length} characters; at most {maxLength} are accepted."));
            return false;
        }

        var at = FirstBadCharacter(text);
        if (at < 0)
        {
            return true;
        }

        var kind = char.IsSurrogate(text[at]) ? "half of a surrogate pair" : "a control character";
        faults.Add(new Fault(path, FaultCodes.BadCharacter, $"{path} holds {kind} (U+{(int)text[at]:X4}) at position {at}."));
        return false;
    }

    private static int FirstBadCharacter(ReadOnlySpan<char> text)
    {
        // Nearly every label is printable ASCII, which one vectorised look settles.
        var start = text.IndexOfAnyExceptInRange(' ', '~');
        for (var i = start; i >= 0 && i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsControl(text[i]) || char.IsSurrogate(text[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
