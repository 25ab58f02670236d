namespace LlmObserve.Web.Components.Settings;

/// <summary>
/// What the page after a form says: the form answers by a redirect to <c>?done=WORD</c>, so that loading the page again does nothing twice. Words
/// that are not here say nothing, whoever wrote the link.
/// </summary>
internal static class DoneSentence
{
    public const string Word = "done";

    private static readonly Dictionary<string, string> s_sentences = new(StringComparer.Ordinal)
    {
        ["name"] = "Your name is changed.",
        ["mailed"] = "A mail with a link is on its way.",
        ["password"] = "Your password is changed. Your other devices are signed out.",
        ["session"] = "That device is signed out.",
        ["sessions"] = "You are signed out everywhere but here.",
        ["key"] = "The key is changed.",
        ["revoked"] = "The key is revoked: it opens nothing any more.",
        ["role"] = "The role is changed.",
        ["removed"] = "The member is removed.",
        ["left"] = "You have left the account.",
        ["owner"] = "The account has its new owner. You are an admin now.",
        ["invited"] = "The invitation is on its way.",
        ["invited-later"] = "The invitation stands, but too many mails wait for its mail to be sent. Invite the address again later.",
        ["withdrawn"] = "The invitation is withdrawn: its link opens nothing.",
        ["account"] = "The account is changed.",
        ["checks"] = "Checks go by this from now on.",
        ["made"] = "The account is made, and you are in it.",
        ["made-elsewhere"] = "The account is made.",
        ["closed"] = "The account is closed. Its owners can restore it below for 30 days.",
        ["restored"] = "The account is open again, as it was.",
    };

    public static string? Of(string? word) => word is not null && s_sentences.TryGetValue(word, out var sentence) ? sentence : null;
}
