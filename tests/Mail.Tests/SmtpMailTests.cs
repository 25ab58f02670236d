using System.Diagnostics;
using System.Net;
using System.Net.Mail;
using LlmObserve.Mail.Templates;
using LlmObserve.Mail.Tests.Harness;
using LlmObserve.Testing;

namespace LlmObserve.Mail.Tests;

/// <summary>Against a real SMTP server, whose reader of mails is not ours either.</summary>
public sealed class SmtpMailTests
{
    private const string To = "ada@example.com";
    private static readonly Uri s_link = new("https://llmobserve.example.com/invitations/accept?token=abc-123_x&lang=de");

    [Fact]
    public async Task Deliver_MailInManyScripts_ArrivesAsItWas()
    {
        await using var server = await MailServer.StartAsync();
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        var mail = AccountMails.Invitation(To, "Zoë Ångström", "日本 Acme 🎉 GmbH", "admin", s_link, FakeClock.DefaultStart);

        await new SmtpMail(Options(server) with { From = new MailAddress("mail@llmobserve.example.com", "LLM·Öbserve") }).DeliverAsync(mail, CancellationToken.None);

        var told = await server.MailAsync();
        var taken = told.Mail!;
        Assert.Equal("Zoë Ångström invites you to “日本 Acme 🎉 GmbH” on LLMObserve", taken.Subject);
        Assert.Equal(new TakenAddress("LLM·Öbserve", "mail@llmobserve.example.com"), taken.From);
        Assert.Equal([To], taken.To);
        Assert.Equal([To], told.Envelope);
        Assert.False(taken.HasCopies);
        Assert.Equal($"<{mail.Id:N}@llmobserve.example.com>", taken.MessageId);
        Assert.InRange(taken.Date, before, TimeProvider.System.GetUtcNow());
        Assert.Equal("auto-generated", taken.AutoSubmitted);
        Assert.Equal("multipart/alternative", taken.Type);
        Assert.Equal(mail.Text.ReplaceLineEndings("\n").Trim(), taken.Text.Trim());
        Assert.Equal(mail.Html!.ReplaceLineEndings("\n").Trim(), taken.Html.ToString()!.Trim());
        Assert.True(taken.Raw.All(char.IsAscii), taken.Raw);
    }

    [Fact]
    public async Task Deliver_LinesThatBeginWithDots_ArriveWhole()
    {
        await using var server = await MailServer.StartAsync();

        await new SmtpMail(Options(server)).DeliverAsync(
            new OutgoingMail(MailKind.PasswordReset, To, "Dots", ".one\r\n.\r\n..three\r\nRCPT TO:<eve@example.com>\r\n"), CancellationToken.None);

        var told = await server.MailAsync();
        Assert.Equal(".one\n.\n..three\nRCPT TO:<eve@example.com>", told.Mail!.Text.Trim());
        Assert.Equal([To], told.Envelope);
    }

    [Fact]
    public async Task Deliver_StartTlsAndLogin_SpeaksBothWhereTheAuthorityIsTrusted()
    {
        using var certificates = new Certificates();
        await using var server = await MailServer.StartAsync(new() { Tls = certificates.Server, User = "mailer", Password = "pass word" });

        Assert.Equal("taken", await SendFromProcessAsync(server, certificates, "pass word"));

        var told = await server.MailAsync();
        Assert.True(told.Secure);
        Assert.Equal("mailer", told.User?.ToString());
        Assert.Equal("From a process", told.Mail!.Subject);
    }

    [Fact]
    public async Task Deliver_WrongPassword_IsNotTaken()
    {
        using var certificates = new Certificates();
        await using var server = await MailServer.StartAsync(new() { Tls = certificates.Server, User = "mailer", Password = "pass word" });

        Assert.StartsWith("the server replied 5", await SendFromProcessAsync(server, certificates, "guess"), StringComparison.Ordinal);

        Assert.Empty(await server.EndAsync());
    }

    [Fact]
    public async Task Deliver_CertificateOfAnAuthorityThatNobodyTrusts_SaysNothing()
    {
        using var certificates = new Certificates();
        await using var server = await MailServer.StartAsync(new() { Tls = certificates.Server });

        var failed = await Assert.ThrowsAsync<MailNotTakenException>(
            () => new SmtpMail(Options(server) with { RequiresTls = true }).DeliverAsync(Mail(), CancellationToken.None));

        Assert.StartsWith("TLS failed", failed.Message, StringComparison.Ordinal);
        Assert.Empty(await server.EndAsync());
    }

    [Fact]
    public async Task Deliver_ServerWithoutStartTls_SaysNothing()
    {
        await using var server = await MailServer.StartAsync();

        var failed = await Assert.ThrowsAsync<MailNotTakenException>(
            () => new SmtpMail(Options(server) with { RequiresTls = true }).DeliverAsync(Mail(), CancellationToken.None));

        Assert.Contains("secure", failed.Message, StringComparison.Ordinal);
        Assert.Empty(await server.EndAsync());
    }

    [Theory]
    [InlineData(451, false)]
    [InlineData(550, true)]
    public async Task Deliver_RecipientNotTaken_TellsTheCodeAndNoAddress(int code, bool isFinal)
    {
        await using var server = await MailServer.StartAsync(new() { Replies = [code] });

        var failed = await Assert.ThrowsAsync<MailNotTakenException>(
            () => new SmtpMail(Options(server)).DeliverAsync(Mail(), CancellationToken.None));

        Assert.Equal(isFinal, failed.IsFinal);
        Assert.Contains($"{code}", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ada", failed.ToString(), StringComparison.Ordinal);
    }

    internal static SmtpOptions Options(MailServer server) => Options(server.Port);

    internal static SmtpOptions Options(int port) => new("localhost", port, new MailAddress("mail@llmobserve.example.com"), null, RequiresTls: false);

    internal static OutgoingMail Mail() => AccountMails.PasswordReset(To, s_link, FakeClock.DefaultStart);

    private static async Task<string> SendFromProcessAsync(MailServer server, Certificates certificates, string password)
    {
        var start = Node.Piped("dotnet", [typeof(SmtpMailTests).Assembly.Location]);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["SMTP_HOST"] = "localhost",
            ["SMTP_PORT"] = $"{server.Port}",
            ["SMTP_USERNAME"] = "mailer",
            ["SMTP_PASSWORD"] = password,
            ["FROM_EMAIL"] = "mail@llmobserve.example.com",
            ["SSL_CERT_FILE"] = certificates.Authority,
            ["SSL_CERT_DIR"] = certificates.Nothing,
        })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        return (await process.StandardOutput.ReadToEndAsync().WaitAsync(Node.Patience, TimeProvider.System)).Trim();
    }
}
