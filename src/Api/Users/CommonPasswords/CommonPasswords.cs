using System.Text;

namespace LlmObserve.Api.Users;

/// <summary>
/// Passwords that are guessed first: what many people use, what stands beside the password on the form, and what follows from its first letters.
/// Nothing is said about which kinds of characters a password has.
/// </summary>
internal static class CommonPasswords
{
    private const string Resource = "common-passwords.txt";
    private const string Product = "llmobserve";

    /// <summary>"aaaaaaaa", "abababab", "1234123412": what comes again after more is a phrase said twice, which the list judges.</summary>
    private const int MaxRepeated = 4;

    /// <summary>The list as it is in the file, 168 kB once a process: lines between line feeds, sorted by their bytes.</summary>
    private static readonly Lazy<byte[]> s_lines = new(Read);

    /// <summary>Whether somebody who tries passwords would try this one early.</summary>
    /// <param name="password">As it was typed.</param>
    /// <param name="email">The address that goes with it; may be empty.</param>
    public static bool IsCommon(string password, string email)
    {
        var word = password.Trim().ToLowerInvariant();
        return IsOf(email, word) || word == Product || IsRepeat(word) || IsRun(word, 1) || IsRun(word, -1) || IsListed(word);
    }

    private static bool IsOf(string email, string word)
    {
        var address = email.Trim().ToLowerInvariant();
        return address.Length > 0 && (word == address || word == address.Split('@')[0]);
    }

    private static bool IsRepeat(string word)
    {
        for (var unit = 1; unit <= MaxRepeated && unit * 2 <= word.Length; unit++)
        {
            // What is the same as itself so much later repeats its first letters, the last time maybe in part.
            if (word.AsSpan(unit).SequenceEqual(word.AsSpan(0, word.Length - unit)))
            {
                return true;
            }
        }

        return false;
    }

    // "abcdefgh", "98765432"; a digit goes round: "7890123".
    private static bool IsRun(string word, int step)
    {
        for (var i = 1; i < word.Length; i++)
        {
            var (last, next) = (word[i - 1], word[i]);
            var round = char.IsAsciiDigit(last) && char.IsAsciiDigit(next) && (last - '0' + step + 10) % 10 == next - '0';
            if (next - last != step && !round)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsListed(string word)
    {
        ReadOnlySpan<byte> lines = s_lines.Value;
        var sought = Encoding.UTF8.GetBytes(word);
        while (!lines.IsEmpty)
        {
            // The line that the middle falls into.
            var middle = lines.Length / 2;
            var start = lines[..middle].LastIndexOf((byte)'\n') + 1;
            var length = lines[start..].IndexOf((byte)'\n');
            switch (sought.AsSpan().SequenceCompareTo(lines.Slice(start, length)))
            {
                case 0:
                    return true;
                case < 0:
                    lines = lines[..start];
                    break;
                default:
                    lines = lines[(start + length + 1)..];
                    break;
            }
        }

        return false;
    }

    private static byte[] Read()
    {
        using var resource = typeof(CommonPasswords).Assembly.GetManifestResourceStream(Resource)!;
        var lines = new byte[resource.Length];
        resource.ReadExactly(lines);
        return lines;
    }
}
