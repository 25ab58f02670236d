using System.Text.RegularExpressions;
using System.Threading.Channels;
using LlmObserve.Mail;

namespace LlmObserve.Api.Tests;

/// <summary>The mails that the server sends, instead of a mail server.</summary>
public sealed partial class SentMails : IMailDelivery
{
    private readonly Channel<OutgoingMail> _mails = Channel.CreateUnbounded<OutgoingMail>();
    private readonly List<OutgoingMail> _seen = [];

    public Task DeliverAsync(OutgoingMail mail, CancellationToken cancellationToken) => _mails.Writer.WriteAsync(mail, cancellationToken).AsTask();

    /// <summary>The next mail of a kind to this address; waits for it. One test at a time.</summary>
    public async Task<OutgoingMail> NextAsync(string to, MailKind kind)
    {
        while (true)
        {
            if (_seen.Find(mail => mail.To == to && mail.Kind == kind) is { } mail)
            {
                _seen.Remove(mail);
                return mail;
            }

            _seen.Add(await _mails.Reader.ReadAsync());
        }
    }

    /// <summary>The token in the link of the next mail of a kind to this address.</summary>
    public async Task<string> NextTokenAsync(string to, MailKind kind = MailKind.Invitation) =>
        Link().Match((await NextAsync(to, kind)).Text).Groups["token"].Value;

    /// <summary>How many mails of a kind to this address have come and were not asked for.</summary>
    public int Count(string to, MailKind kind)
    {
        while (_mails.Reader.TryRead(out var mail))
        {
            _seen.Add(mail);
        }

        return _seen.Count(mail => mail.To == to && mail.Kind == kind);
    }

    [GeneratedRegex("https?://[^\\s]*[/=](?<token>[A-Za-z0-9_-]{43})\\s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
