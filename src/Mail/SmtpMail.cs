using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LlmObserve.Mail;

/// <summary>Hands mails to an SMTP server, each over a connection of its own.</summary>
public sealed class SmtpMail(SmtpOptions options) : IMailDelivery
{
    /// <summary>The first reply code with which a server says that it never will.</summary>
    private const int FirstFinalReply = 500;

    /// <inheritdoc />
    public async Task DeliverAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        using var message = MailContent.Of(mail, options.From);
        using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.RequiresTls };
        if (options.Credentials is { } credentials)
        {
            client.Credentials = credentials;
        }

        try
        {
            await client.SendMailAsync(message, cancellationToken);
        }
        catch (SmtpException failed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MailNotTakenException(Reason(failed), (int)failed.StatusCode >= FirstFinalReply);
        }
    }

    // What a server replied may hold the address, so only its code is told.
    private static string Reason(SmtpException failed)
    {
        if ((int)failed.StatusCode > 0)
        {
            return $"the server replied {(int)failed.StatusCode} ({failed.StatusCode})";
        }

        for (Exception? inner = failed.InnerException; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case SocketException socket:
                    return $"no connection ({socket.SocketErrorCode})";
                case AuthenticationException:
                    return "TLS failed: the server's certificate is not trusted here, or is another host's";
            }
        }

        // Without an inner exception the sentence is the framework's own: "Server does not support secure connections."
        return failed.InnerException is null ? failed.Message : $"the connection broke ({failed.InnerException.GetType().Name})";
    }
}
