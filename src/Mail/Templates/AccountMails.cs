using System.Globalization;

namespace LlmObserve.Mail.Templates;

/// <summary>The mails about accounts and the people in them.</summary>
public static class AccountMails
{
    private const string Nobody = "Somebody";
    private const string NoAccount = "an account without a name";

    /// <summary>Somebody asks another person into an account.</summary>
    /// <param name="to">The invited person's address.</param>
    /// <param name="inviter">The name of who invites, as typed by them.</param>
    /// <param name="account">The account's name, as typed by somebody.</param>
    /// <param name="role">What the person may do there, in one of our words.</param>
    /// <param name="link">Where the invitation is accepted.</param>
    /// <param name="expires">Until when.</param>
    public static OutgoingMail Invitation(string to, string? inviter, string? account, string role, Uri link, DateTimeOffset expires)
    {
        var (who, where) = (TypedName.Of(inviter, Nobody), TypedName.Of(account, NoAccount));
        var letter = new Letter(
            "You are invited",
            $"{who} invites you to the account “{where}” on LLMObserve, as {role}.",
            "Accept the invitation",
            Checked(link),
            Until(expires),
            "If you do not know who this is, ignore this mail: nothing happens unless you accept.");
        return Mail(MailKind.Invitation, to, $"{who} invites you to “{where}” on LLMObserve", letter);
    }

    /// <summary>Somebody signed up, or changed their address: does it exist and is it theirs?</summary>
    /// <param name="to">The address.</param>
    /// <param name="link">Where it is confirmed.</param>
    /// <param name="expires">Until when.</param>
    public static OutgoingMail AddressVerification(string to, Uri link, DateTimeOffset expires) => Mail(
        MailKind.AddressVerification,
        to,
        "Confirm your address for LLMObserve",
        new Letter(
            "Confirm your address",
            "This address was given for a user of LLMObserve. Confirm that it is yours.",
            "Confirm this address",
            Checked(link),
            Until(expires),
            "If it was not you, ignore this mail: the address stays unconfirmed."));

    /// <summary>Somebody forgot the password.</summary>
    /// <param name="to">The user's address.</param>
    /// <param name="link">Where a new one is chosen.</param>
    /// <param name="expires">Until when.</param>
    public static OutgoingMail PasswordReset(string to, Uri link, DateTimeOffset expires) => Mail(
        MailKind.PasswordReset,
        to,
        "Choose a new password for LLMObserve",
        new Letter(
            "Choose a new password",
            "Somebody asked for a new password for the user of LLMObserve with this address.",
            "Choose a new password",
            Checked(link),
            Until(expires),
            "If it was not you, ignore this mail: your password stays as it is."));

    private static OutgoingMail Mail(MailKind kind, string to, string subject, Letter letter) => new(kind, to, subject, letter.Text, letter.Html);

    private static string Until(DateTimeOffset expires) =>
        $"The link works until {expires.UtcDateTime.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)} UTC.";

    private static Uri Checked(Uri link) => link is { IsAbsoluteUri: true, Scheme: "http" or "https" }
        ? link
        : throw new ArgumentException("A mail links to a page by its whole http address.", nameof(link));
}
