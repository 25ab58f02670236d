using System.Net.Mail;
using System.Net.Mime;
using System.Text;

namespace LlmObserve.Mail;

/// <summary>A mail as the framework writes it: <c>multipart/alternative</c> of text and HTML, headers in RFC 2047 where they are not ASCII. It dates it too.</summary>
internal static class MailContent
{
    /// <summary>The message; for the caller to dispose.</summary>
    public static MailMessage Of(OutgoingMail mail, MailAddress from)
    {
        var message = new MailMessage
        {
            From = from,
            Subject = mail.Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = mail.Text,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };
        message.To.Add(new MailAddress(mail.To));
        message.Headers.Add("Message-ID", $"<{mail.Id:N}@{from.Host}>");
        // Nobody's absence note answers it, nor do we to one (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        if (mail.Html is not null)
        {
            var html = AlternateView.CreateAlternateViewFromString(mail.Html, Encoding.UTF8, MediaTypeNames.Text.Html);
            html.TransferEncoding = TransferEncoding.QuotedPrintable;
            message.AlternateViews.Add(html);
        }

        return message;
    }
}
