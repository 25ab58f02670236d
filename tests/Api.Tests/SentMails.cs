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

    /// <summary>The next mail to this address; waits for it. One test at a time.</summary>
    public async Task<OutgoingMail> NextAsync(string to)
    {
        while (true)
        {
            if (_seen.Find(mail => mail.To == to) is { } mail)
            {
                _seen.Remove(mail);
                return mail;
            }

            _seen.Add(await _mails.Reader.ReadAsync());
        }
    }

    /// <summary>The last part of the link in the next mail to this address.</summary>
    public async Task<string> NextTokenAsync(string to) => Link().Match((await NextAsync(to)).Text).Groups["token"].Value;

    [GeneratedRegex("https?://[^\\s]*/(?<token>[A-Za-z0-9_-]{43})\\s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
