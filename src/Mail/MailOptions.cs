using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Configuration;

namespace LlmObserve.Mail;

/// <summary>The SMTP server to use.</summary>
/// <param name="Host">Its name, which its certificate must hold.</param>
/// <param name="Port">Its port for submission.</param>
/// <param name="From">The sender of every mail.</param>
/// <param name="Credentials">Where it wants to know who sends.</param>
/// <param name="RequiresTls">Whether nothing is said before STARTTLS.</param>
public sealed record SmtpOptions(string Host, int Port, MailAddress From, NetworkCredential? Credentials, bool RequiresTls);

/// <summary>Where mails go and what their links begin with.</summary>
/// <param name="Smtp">The server; null writes files.</param>
/// <param name="Directory">The folder of those files.</param>
/// <param name="PublicUrl">The dashboard as people reach it; null where nobody said.</param>
public sealed record MailOptions(SmtpOptions? Smtp, string Directory, Uri? PublicUrl)
{
    /// <summary>Mail submission (RFC 6409).</summary>
    private const int DefaultPort = 587;

    private const int ImplicitTlsPort = 465;

    /// <summary>The sender in files, which nobody answers.</summary>
    internal static readonly MailAddress FilesFrom = new("llmobserve@localhost", "LLMObserve");

    /// <summary>Reads the environment: <c>SMTP_HOST</c> and those beside it, <c>FROM_EMAIL</c>, <c>PUBLIC_URL</c>. What is empty is not set.</summary>
    /// <param name="configuration">The host's.</param>
    /// <param name="directory">The folder for files.</param>
    /// <exception cref="MailOptionsException">Something cannot be; all of it is named.</exception>
    public static MailOptions Read(IConfiguration configuration, string directory)
    {
        var faults = new List<string>();
        var publicUrl = PublicUrlOf(Value("PUBLIC_URL"), faults);
        var from = FromOf(Value("FROM_EMAIL"), faults);
        var credentials = CredentialsOf(Value("SMTP_USERNAME"), Value("SMTP_PASSWORD"), faults);
        var port = PortOf(Value("SMTP_PORT"), faults);
        var tls = Value("SMTP_TLS") ?? "required";
        if (tls is not ("required" or "off"))
        {
            faults.Add($"SMTP_TLS must be required or off, not '{tls}'.");
        }

        var host = Value("SMTP_HOST");
        if (host is null && credentials is not null)
        {
            faults.Add("SMTP_USERNAME and SMTP_PASSWORD are set without SMTP_HOST.");
        }
        else if (host is not null && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            faults.Add($"SMTP_HOST must be a name like smtp.example.com, without scheme and port, not '{host}'.");
        }

        if (host is not null && Value("FROM_EMAIL") is null)
        {
            faults.Add("SMTP_HOST needs FROM_EMAIL, the sender of the mails: LLMObserve <llmobserve@example.com>.");
        }

        return faults.Count > 0
            ? throw new MailOptionsException(faults)
            : new MailOptions(host is null ? null : new SmtpOptions(host, port, from!, credentials, tls == "required"), directory, publicUrl);

        string? Value(string name) => configuration[name] is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
    }

    private static Uri? PublicUrlOf(string? text, List<string> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" })
        {
            return url;
        }

        faults.Add($"PUBLIC_URL must be the dashboard's address as people reach it, like https://llmobserve.example.com, not '{text}'.");
        return null;
    }

    private static MailAddress? FromOf(string? text, List<string> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (MailAddress.TryCreate(text, out var from) && text.Count(character => character == '@') == 1 && !text.Any(char.IsControl))
        {
            return from;
        }

        faults.Add($"FROM_EMAIL must be an address like llmobserve@example.com or LLMObserve <llmobserve@example.com>, not '{text}'.");
        return null;
    }

    private static NetworkCredential? CredentialsOf(string? username, string? password, List<string> faults)
    {
        if (username is null != password is null)
        {
            faults.Add(username is null ? "SMTP_PASSWORD is set without SMTP_USERNAME." : "SMTP_USERNAME is set without SMTP_PASSWORD.");
        }

        return username is null || password is null ? null : new NetworkCredential(username, password);
    }

    private static int PortOf(string? text, List<string> faults)
    {
        if (text is null)
        {
            return DefaultPort;
        }

        if (!int.TryParse(text, out var port) || port is < 1 or > IPEndPoint.MaxPort)
        {
            faults.Add($"SMTP_PORT must be a port, 1 to {IPEndPoint.MaxPort}, not '{text}'.");
        }
        else if (port == ImplicitTlsPort)
        {
            faults.Add(
                "SMTP_PORT 465 is for TLS from the first byte, which System.Net.Mail does not speak: " +
                "use the server's port with STARTTLS (587 as a rule), or a relay of yours in between.");
        }

        return port;
    }
}

/// <summary>What the environment says about mail cannot be; the message is for the person at the terminal.</summary>
public sealed class MailOptionsException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>A sentence each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
