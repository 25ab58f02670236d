using System.Globalization;
using System.Net.Mail;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Mail;

/// <summary>
/// Keeps mails as files that every mail program opens, for an installation without an SMTP server. Only the owner may read them: they hold links
/// that open accounts.
/// </summary>
public sealed partial class MailFiles(string directory, MailAddress from, TimeProvider time, ILogger<MailFiles> log) : IMailDelivery
{
    /// <summary>
    /// Files that are kept, the newest: enough to find the one that was just asked for. Half a megabyte in all, which also the small data directory of
    /// the compose file has room for.
    /// </summary>
    public const int MaxFiles = 50;

    private const string Pattern = "*.eml";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc />
    public async Task DeliverAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        try
        {
            CreatePrivate(directory);
            var now = time.GetUtcNow();
            var name = $"{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fffffff'Z'", CultureInfo.InvariantCulture)}-{mail.Kind}-{mail.Id:N}.eml";
            await WriteAsync(mail, Path.Combine(directory, name), cancellationToken);
            LogWritten(log, mail.Kind, name);
            foreach (var old in Directory.GetFiles(directory, Pattern).Order(StringComparer.Ordinal).SkipLast(MaxFiles))
            {
                File.Delete(old);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or SmtpException)
        {
            throw new MailNotTakenException($"the file cannot be written ({failed.GetType().Name})", isFinal: false);
        }
    }

    // The framework writes into a folder under a name of its choice: one of our own, so that no half of a mail is ever seen.
    private async Task WriteAsync(OutgoingMail mail, string file, CancellationToken cancellationToken)
    {
        var unfinished = Path.Combine(directory, $".{mail.Id:N}");
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        CreatePrivate(unfinished);
        try
        {
            using var message = MailContent.Of(mail, from);
            using var writer = new SmtpClient { DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory, PickupDirectoryLocation = unfinished };
            await writer.SendMailAsync(message, cancellationToken);
            var written = Directory.GetFiles(unfinished, Pattern).Single();
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(written, OwnerOnly);
            }

            File.Move(written, file, overwrite: true);
        }
        finally
        {
            Directory.Delete(unfinished, recursive: true);
        }
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    [LoggerMessage(LogLevel.Information, "A mail ({Kind}) is in {File}")]
    private static partial void LogWritten(ILogger log, MailKind kind, string file);
}
