using System.Net.Mail;
using System.Text.Json;
using LlmObserve.Mail.Templates;
using LlmObserve.Mail.Tests.Harness;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Mail.Tests.Templates;

/// <summary>What the mails say, as the mail program of somebody else shows it.</summary>
public sealed class AccountMailsTests : IDisposable
{
    private const string To = "ada@example.com";
    private static readonly Uri s_link = new("https://llmobserve.example.com/invitations/accept?token=abc-123_x&lang=de");
    private static readonly DateTimeOffset s_expires = new(2025, 6, 18, 14, 30, 0, TimeSpan.FromHours(2));

    private readonly string _folder = Directory.CreateTempSubdirectory("llmobserve-mail-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Mails_OfEachKind_SayLinkAndExpiryInBothForms()
    {
        OutgoingMail[] mails =
        [
            AccountMails.Invitation(To, "Grace Hopper", "Acme Inc.", "admin", s_link, s_expires),
            AccountMails.AddressVerification(To, s_link, s_expires),
            AccountMails.PasswordReset(To, s_link, s_expires),
        ];

        foreach (var mail in mails)
        {
            var read = await ReadAsync(mail);
            foreach (var form in new[] { "text", "shown" })
            {
                Assert.Contains(s_link.AbsoluteUri, Text(read, form), StringComparison.Ordinal);
                Assert.Contains("18 June 2025, 12:30 UTC", Text(read, form), StringComparison.Ordinal);
                Assert.Contains("ignore this mail", Text(read, form), StringComparison.Ordinal);
            }

            Assert.Equal([s_link.AbsoluteUri, s_link.AbsoluteUri], Texts(read, "anchors").Select(System.Net.WebUtility.HtmlDecode));
            Assert.All(Texts(read, "links"), link => Assert.Equal(s_link.AbsoluteUri, link));
        }

        Assert.Equal(Enum.GetValues<MailKind>(), mails.Select(mail => mail.Kind));
    }

    [Fact]
    public async Task Invitation_Names_AreInSubjectAndBothForms()
    {
        var read = await ReadAsync(AccountMails.Invitation(To, "Grace Hopper", "Acme Inc.", "admin", s_link, s_expires));

        Assert.Equal("Grace Hopper invites you to “Acme Inc.” on LLMObserve", Text(read, "subject"));
        const string Why = "Grace Hopper invites you to the account “Acme Inc.” on LLMObserve, as admin.";
        Assert.Contains(Why, Text(read, "text"), StringComparison.Ordinal);
        Assert.Contains(Why, Text(read, "shown"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<a href=\"x\">Acme</a> & <img src=x onerror=y>")]
    [InlineData("\"><b>'Acme'")]
    public async Task Invitation_NameWithMarkup_IsText(string name)
    {
        var mail = AccountMails.Invitation(To, name, name, "<i>admin</i>", s_link, s_expires);

        foreach (var tag in new[] { "<script", "<a href=\"x", "<img", "<b>", "<i>" })
        {
            Assert.DoesNotContain(tag, mail.Html, StringComparison.OrdinalIgnoreCase);
        }

        var why = mail.Text.Split("\r\n")[0];
        Assert.Contains(why, Text(await ReadAsync(mail), "shown"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.com")]
    [InlineData("Acme. evil.com.")]
    [InlineData("https://evil.com/free-money")]
    [InlineData("https://evil")]
    [InlineData("//evil.com")]
    [InlineData("http:\\\\evil.com\\x")]
    [InlineData("www.evil.com")]
    [InlineData("win@evil.com")]
    [InlineData("mailto:win@evil.com")]
    [InlineData("evil\u3002com")]
    [InlineData("evil\uFF0Ecom")]
    [InlineData("192.168.0.1/x")]
    [InlineData("evil.\u200Ecom")]
    [InlineData("evil\n.com")]
    public async Task Invitation_NameWithALink_IsNoLink(string name)
    {
        var read = await ReadAsync(AccountMails.Invitation(To, name, name, "admin", s_link, s_expires));

        Assert.NotEmpty(Texts(read, "links"));
        Assert.All(Texts(read, "links"), link => Assert.Equal(s_link.AbsoluteUri, link));
    }

    [Fact]
    public async Task Invitation_NameWithLineBreaks_AddsNoHeaderAndNoLine()
    {
        var read = await ReadAsync(AccountMails.Invitation(To, "Eve\r\nBcc: all@example.com\r\n\r\nHello", "A\u2028B\u0085C\tD\0E", "admin", s_link, s_expires));

        Assert.Equal("Eve Bcc: all＠example․com Hello invites you to “A B C D E” on LLMObserve", Text(read, "subject"));
        Assert.Equal([To], Texts(read, "to"));
        Assert.StartsWith("Eve Bcc: all＠example․com Hello invites you to the account “A B C D E”", Text(read, "text"), StringComparison.Ordinal);
    }

    [Fact]
    public void Invitation_LongNames_AreCutOffBetweenCharacters()
    {
        var mail = AccountMails.Invitation(To, string.Concat(Enumerable.Repeat("🎉", 3000)), "x" + string.Concat(Enumerable.Repeat("🎉", 3000)), "admin", s_link, s_expires);

        var why = mail.Text.Split("\r\n")[0];
        Assert.Equal(39 + 39, why.EnumerateRunes().Count(rune => rune.Value == 0x1F389));
        Assert.Equal(2, why.Count(character => character == '…'));
        Assert.DoesNotContain(why.EnumerateRunes(), rune => rune == System.Text.Rune.ReplacementChar);
        Assert.InRange(mail.Subject.Length, 1, OutgoingMail.MaxSubjectLength);
        Assert.EndsWith("…", mail.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \u202E\uD83D\n")]
    public void Invitation_NothingToShowOfAName_SaysSo(string? name) =>
        Assert.StartsWith(
            "Somebody invites you to the account “an account without a name”",
            AccountMails.Invitation(To, name, name, "admin", s_link, s_expires).Text,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("a@example.com, b@example.com")]
    [InlineData("Ada <a@example.com>")]
    [InlineData("a@example.com\r\nBcc: b@example.com")]
    [InlineData("a@example.com ")]
    [InlineData("ä@example.com")]
    public void Mail_ToAnythingButOnePlainAddress_IsRefused(string to) =>
        Assert.Throws<ArgumentException>(() => AccountMails.AddressVerification(to, s_link, s_expires));

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("/reset")]
    public void Mail_LinkThatIsNoPage_IsRefused(string link) =>
        Assert.Throws<ArgumentException>(() => AccountMails.PasswordReset(To, new Uri(link, UriKind.RelativeOrAbsolute), s_expires));

    private async Task<JsonElement> ReadAsync(OutgoingMail mail)
    {
        var files = new MailFiles(_folder, new MailAddress("llmobserve@localhost"), new FakeClock(), NullLogger<MailFiles>.Instance);
        await files.DeliverAsync(mail, CancellationToken.None);
        var file = Directory.GetFiles(_folder, $"*{mail.Id:N}*").Single();
        return JsonDocument.Parse(await Node.ReadMailAsync(await File.ReadAllTextAsync(file))).RootElement;
    }

    private static string Text(JsonElement read, string name) => read.GetProperty(name).GetString()!;

    private static IEnumerable<string> Texts(JsonElement read, string name) => read.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
