namespace LlmObserve.Mail;

/// <summary>Where mails go: <see cref="SmtpMail"/> to a server, <see cref="MailFiles"/> to a folder.</summary>
public interface IMailDelivery
{
    /// <summary>Hands a mail over, once. Returns when it has been taken.</summary>
    /// <exception cref="MailNotTakenException">It has not.</exception>
    Task DeliverAsync(OutgoingMail mail, CancellationToken cancellationToken);
}

/// <summary>A mail was not taken. The message names neither its address nor its content: it is for logs.</summary>
/// <param name="reason">Why, in a few words.</param>
/// <param name="isFinal">Whether another try is of no use.</param>
public sealed class MailNotTakenException(string reason, bool isFinal) : Exception(reason)
{
    /// <summary>Whether another try is of no use: the server refuses the mail or its address.</summary>
    public bool IsFinal { get; } = isFinal;
}
