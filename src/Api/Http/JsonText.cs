using System.Globalization;
using System.Text;

namespace LlmObserve.Api.Http;

/// <summary>
/// Text of JSON strings, decoded without exceptions: half a surrogate pair stays what it is, for the caller to find and name. The framework's
/// own readers throw there, and a hostile body has a hundred thousand of them.
/// </summary>
internal static class JsonText
{
    /// <summary>The most bytes that one UTF-16 unit takes in JSON: <c>\u0041</c>.</summary>
    public const int MaxBytesPerChar = 6;

    /// <summary>
    /// Decodes the inside of a JSON string whose escapes a reader has found to be well formed. Bytes that are not UTF-8 become U+FFFD.
    /// </summary>
    /// <param name="raw">Between the quotes, as sent.</param>
    /// <param name="destination">At least as many chars as <paramref name="raw"/> has bytes.</param>
    /// <returns>How many chars were written.</returns>
    public static int Decode(ReadOnlySpan<byte> raw, Span<char> destination)
    {
        var length = 0;
        while (true)
        {
            var plain = raw.IndexOf((byte)'\\');
            length += Encoding.UTF8.GetChars(plain < 0 ? raw : raw[..plain], destination[length..]);
            if (plain < 0)
            {
                return length;
            }

            var escape = raw[plain + 1];
            destination[length++] = escape switch
            {
                (byte)'n' => '\n',
                (byte)'t' => '\t',
                (byte)'r' => '\r',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'u' => Hex(raw.Slice(plain + 2, 4)),
                _ => (char)escape,
            };
            raw = raw[(plain + (escape == (byte)'u' ? MaxBytesPerChar : 2))..];
        }
    }

    /// <summary>
    /// A JSON value as text in which every escaped NUL and every escaped half of a surrogate pair is <c>\ufffd</c>: data that nobody here reads
    /// must not break whoever reads it later. Returns <paramref name="json"/> itself where there is nothing to replace.
    /// </summary>
    public static string WithoutBrokenEscapes(string json)
    {
        if (!json.Contains("\\u", StringComparison.Ordinal))
        {
            return json;
        }

        var letters = json.ToCharArray();
        var changed = false;
        for (var i = 0; i < letters.Length; i++)
        {
            if (letters[i] != '\\')
            {
                continue;
            }

            if (letters[++i] != 'u')
            {
                continue;
            }

            var unit = Hex(letters, i + 1);
            var isPair = char.IsHighSurrogate(unit) && i + 10 < letters.Length && letters[i + 5] == '\\' && letters[i + 6] == 'u'
                && char.IsLowSurrogate(Hex(letters, i + 7));
            if (isPair)
            {
                i += 10;
            }
            else if (unit == '\0' || char.IsSurrogate(unit))
            {
                "fffd".CopyTo(letters.AsSpan(i + 1));
                changed = true;
            }
        }

        return changed ? new string(letters) : json;
    }

    private static char Hex(ReadOnlySpan<byte> digits) => (char)ushort.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static char Hex(char[] letters, int at) =>
        (char)ushort.Parse(letters.AsSpan(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
