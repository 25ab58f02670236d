using Microsoft.Extensions.Configuration;

namespace LlmObserve.Mail.Tests;

public sealed class MailOptionsTests
{
    [Fact]
    public void Read_Nothing_WritesFiles()
    {
        var options = Read();

        Assert.Equal(new MailOptions(null, "/data/mail", null), options);
    }

    [Fact]
    public void Read_HostAndSender_UsesSubmissionWithTls()
    {
        var smtp = Read("SMTP_HOST=smtp.example.com", "FROM_EMAIL=LLMObserve <mail@example.com>", "SMTP_PORT=", "SMTP_USERNAME= ", "SMTP_PASSWORD=").Smtp!;

        Assert.Equal(("smtp.example.com", 587, true), (smtp.Host, smtp.Port, smtp.RequiresTls));
        Assert.Equal(("LLMObserve", "mail@example.com"), (smtp.From.DisplayName, smtp.From.Address));
        Assert.Null(smtp.Credentials);
    }

    [Fact]
    public void Read_Everything_TakesItAsItIs()
    {
        var options = Read(
            "SMTP_HOST=10.0.0.7", "SMTP_PORT=25", "SMTP_USERNAME=mailer", "SMTP_PASSWORD=pass word", "SMTP_TLS=off", "FROM_EMAIL=mail@example.com",
            "PUBLIC_URL=https://example.com/llmobserve/");

        var smtp = options.Smtp!;
        Assert.Equal(("10.0.0.7", 25, false), (smtp.Host, smtp.Port, smtp.RequiresTls));
        Assert.Equal(("mailer", "pass word"), (smtp.Credentials!.UserName, smtp.Credentials.Password));
        Assert.Equal(new Uri("https://example.com/llmobserve/"), options.PublicUrl);
    }

    [Fact]
    public void Read_ManyFaults_NamesThemAll()
    {
        var faults = Faults("SMTP_HOST=smtp://example.com:587", "SMTP_PORT=0", "SMTP_PASSWORD=secret", "SMTP_TLS=maybe", "PUBLIC_URL=example.com");

        Assert.Equal(
            ["FROM_EMAIL", "PUBLIC_URL", "SMTP_HOST", "SMTP_PASSWORD", "SMTP_PORT", "SMTP_TLS"],
            new[] { "FROM_EMAIL,", "PUBLIC_URL ", "SMTP_HOST must", "SMTP_PASSWORD ", "SMTP_PORT ", "SMTP_TLS " }
                .Where(word => faults.Count(fault => fault.Contains(word, StringComparison.Ordinal)) == 1).Select(word => word.Split(' ', ',')[0]));
        Assert.Equal(6, faults.Count);
        Assert.DoesNotContain(faults, fault => fault.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_PortOfImplicitTls_SaysWhatToDo()
    {
        var fault = Assert.Single(Faults("SMTP_HOST=smtp.example.com", "FROM_EMAIL=mail@example.com", "SMTP_PORT=465"));

        Assert.Contains("STARTTLS", fault, StringComparison.Ordinal);
        Assert.Contains("relay", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SMTP_USERNAME=mailer")]
    [InlineData("SMTP_USERNAME=mailer", "SMTP_PASSWORD=secret")]
    [InlineData("FROM_EMAIL=mail@example.com, other@example.com")]
    [InlineData("FROM_EMAIL=nobody")]
    [InlineData("SMTP_HOST=smtp.example.com:25", "FROM_EMAIL=mail@example.com")]
    [InlineData("PUBLIC_URL=ftp://example.com")]
    [InlineData("PUBLIC_URL=https://example.com/?a=b")]
    [InlineData("PUBLIC_URL=https://ada@example.com/")]
    public void Read_OneFault_IsNamed(params string[] variables) => Assert.Single(Faults(variables));

    [Fact]
    public void Link_PublicUrl_WinsAndKeepsItsPath()
    {
        var address = new PublicAddress(new Uri("https://example.com/llmobserve/"), new Uri("http://localhost:3000"));
        address.Listens(new Uri("http://127.0.0.1:41873"));

        Assert.Equal("https://example.com/llmobserve/reset?token=a%2Fb", address.Link("/reset?token=a%2Fb").AbsoluteUri);
    }

    [Fact]
    public void Link_NoPublicUrl_LeadsToWhereTheDashboardListens()
    {
        var address = new PublicAddress(null, new Uri("http://localhost:3000"));
        Assert.Equal("http://localhost:3000/verify", address.Link("verify").AbsoluteUri);

        address.Listens(new Uri("http://127.0.0.1:41873/"));

        Assert.Equal("http://127.0.0.1:41873/verify", address.Link("/verify").AbsoluteUri);
    }

    private static IReadOnlyList<string> Faults(params string[] variables) => Assert.Throws<MailOptionsException>(() => Read(variables)).Faults;

    private static MailOptions Read(params string[] variables) => MailOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(variables.Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1])).Build(),
        "/data/mail");
}
