using System.Net.Mail;
using System.Text;

namespace LlmObserve.Mail;

/// <summary>What a mail is for; the only thing about it that logs and metrics tell.</summary>
public enum MailKind
{
    Invitation,
    AddressVerification,
    PasswordReset,
}

/// <summary>A mail to one person, complete but for the sender.</summary>
public sealed record OutgoingMail
{
    /// <summary>What a list of mails shows of a subject, and some more.</summary>
    public const int MaxSubjectLength = 150;

    /// <summary>A mail with a new id.</summary>
    /// <param name="kind">What it is for.</param>
    /// <param name="to">The address alone: <c>ada@example.com</c>.</param>
    /// <param name="subject">One line; what does not belong into one is taken out.</param>
    /// <param name="text">All of it as plain text.</param>
    /// <param name="html">The same as HTML, where there is one.</param>
    /// <exception cref="ArgumentException"><paramref name="to"/> is not one plain address.</exception>
    public OutgoingMail(MailKind kind, string to, string subject, string text, string? html = null)
    {
        // A list of addresses, a name beside one or a line break must never reach a header.
        if (!MailAddress.TryCreate(to, out var address) || address.Address != to || !Ascii.IsValid(to))
        {
            throw new ArgumentException("A mail goes to one plain address.", nameof(to));
        }

        Kind = kind;
        To = to;
        Subject = OneLine.Of(subject, MaxSubjectLength);
        Text = text;
        Html = html;
    }

    public MailKind Kind { get; }

    public string To { get; }

    public string Subject { get; }

    public string Text { get; }

    public string? Html { get; }

    /// <summary>The same for every try, and in the mail's <c>Message-ID</c>: who gets it twice can tell.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>Kind and id: neither the address nor a link is for logs.</summary>
    public override string ToString() => $"{Kind} {Id:N}";
}
