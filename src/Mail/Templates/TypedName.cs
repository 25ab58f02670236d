using System.Text;

namespace LlmObserve.Mail.Templates;

/// <summary>
/// What a user typed, as it stands in a mail to somebody else. Anybody can name an account and have its invitation sent, so a name is short, one line,
/// and nothing that a mail program makes a link of: <c>acme.com</c> still reads so, but its dot is another character.
/// </summary>
internal static class TypedName
{
    /// <summary>Enough for a name, too little for a message.</summary>
    public const int MaxLength = 80;

    // U+2024, one dot leader: looks like a full stop and is part of no address.
    private const char Dot = '\u2024';

    // U+2215, division slash, and U+FF20, the wide commercial at: likewise.
    private const char Slash = '\u2215';
    private const char At = '\uFF20';

    /// <summary>The name; <paramref name="unnamed"/> where nothing of it can be shown.</summary>
    public static string Of(string? typed, string unnamed)
    {
        // Long enough that the cut is seen to be one, before characters are replaced one by one.
        var name = OneLine.Of(typed ?? "", MaxLength);
        var shown = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            // A full stop before a space or at the end is a full stop: "Acme Inc." Other scripts' stops separate labels too (IDNA).
            var ends = i + 1 == name.Length || name[i + 1] == ' ';
            shown.Append(name[i] switch
            {
                '.' or '\u3002' or '\uFF0E' or '\uFF61' when !ends => Dot,
                '/' or '\\' => Slash,
                '@' => At,
                var other => other,
            });
        }

        return shown.Length > 0 ? shown.ToString() : unnamed;
    }
}
