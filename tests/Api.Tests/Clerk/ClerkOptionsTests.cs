using LlmObserve.Api.Clerk;
using Microsoft.Extensions.Configuration;

namespace LlmObserve.Api.Tests.Clerk;

public sealed class ClerkOptionsTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void Read_NothingSet_IsOff()
    {
        var (options, faults) = Read();

        Assert.Null(options);
        Assert.Empty(faults);
    }

    [Fact]
    public void Read_OneInstance_IsOn()
    {
        var (options, faults) = Read(
            (ClerkOptions.SecretKeyVariable, "sk_test_a"),
            (ClerkOptions.PublishableKeyVariable, "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"),
            (ClerkOptions.IssuerVariable, "https://clerk.example.com/"),
            (ClerkOptions.WebhookSecretVariable, Secret));

        Assert.Empty(faults);
        Assert.Equal(new ClerkInstance("https://clerk.example.com", "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "sk_test_a"), Assert.Single(options!.Instances));
        Assert.Equal(24, Assert.Single(options.WebhookSecrets).Length);
        Assert.Equal(["http://localhost:3000"], options.AuthorizedParties);
        Assert.Equal(new Uri("https://api.clerk.com"), options.ApiUrl);
    }

    [Fact]
    public void Read_SeveralInstances_GoByPosition()
    {
        var (options, faults) = Read(
            (ClerkOptions.SecretKeyVariable, "sk_live_a, sk_test_b"),
            (ClerkOptions.PublishableKeyVariable, " pk_live_Y2xlcmsuZXhhbXBsZS5jb20k ,pk_test_Yi5leGFtcGxlLmNvbSQ=,"),
            (ClerkOptions.IssuerVariable, "https://clerk.example.com,http://127.0.0.1:5000"),
            (ClerkOptions.WebhookSecretVariable, $"{Secret},{Secret},{Secret}"),
            (ClerkOptions.AuthorizedPartiesVariable, "https://App.example.com:443, http://localhost:3000/"),
            (ClerkOptions.ApiUrlVariable, "http://localhost:9"));

        Assert.Empty(faults);
        ClerkInstance[] expected =
        [
            new("https://clerk.example.com", "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k", "sk_live_a"),
            new("http://127.0.0.1:5000", "pk_test_Yi5leGFtcGxlLmNvbSQ=", "sk_test_b"),
        ];
        Assert.Equal(expected, options!.Instances.ToArray());
        Assert.Equal(3, options.WebhookSecrets.Length);
        Assert.Equal(["http://localhost:3000", "https://app.example.com"], options.AuthorizedParties.Order());
        Assert.Equal(new Uri("http://localhost:9"), options.ApiUrl);
    }

    [Fact]
    public void Read_PublicUrl_IsTheParty()
    {
        var (options, _) = Read(
            (ClerkOptions.SecretKeyVariable, "sk_test_a"),
            (ClerkOptions.PublishableKeyVariable, "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"),
            (ClerkOptions.IssuerVariable, "https://clerk.example.com"),
            (ClerkOptions.WebhookSecretVariable, Secret),
            (ClerkOptions.PublicUrlVariable, "https://costs.example.com/llm"));

        Assert.Equal(["https://costs.example.com"], options!.AuthorizedParties);
    }

    [Fact]
    public void Read_EverythingWrong_NamesItAllAndNoSecret()
    {
        var (options, faults) = Read(
            (ClerkOptions.SecretKeyVariable, "pk_hush,sk_hush2"),
            (ClerkOptions.PublishableKeyVariable, "sk_hush3"),
            (ClerkOptions.IssuerVariable, "http://clerk.example.com,clerk,https://b.example.com?x"),
            (ClerkOptions.WebhookSecretVariable, "whsec_hush,hush"),
            (ClerkOptions.AuthorizedPartiesVariable, "app.example.com,https://a.example.com/path"),
            (ClerkOptions.ApiUrlVariable, "ftp://api"));

        Assert.Null(options);
        Assert.Equal(
            [
                "CLERK_PUBLISHABLE_KEY must begin with pk_… at position 1.",
                "CLERK_SECRET_KEY must begin with sk_… at position 1.",
                "CLERK_ISSUER, CLERK_PUBLISHABLE_KEY and CLERK_SECRET_KEY must name as many instances each, in one order; they have 3, 1 and 2.",
                "CLERK_ISSUER must be an https address like https://clerk.example.com, not 'http://clerk.example.com'.",
                "CLERK_ISSUER must be an https address like https://clerk.example.com, not 'clerk'.",
                "CLERK_ISSUER must be an https address like https://clerk.example.com, not 'https://b.example.com?x'.",
                "CLERK_WEBHOOK_SECRET is malformed at position 1: it must be whsec_ and at least 16 bytes in base64, as Clerk's dashboard shows it.",
                "CLERK_WEBHOOK_SECRET is malformed at position 2: it must be whsec_ and at least 16 bytes in base64, as Clerk's dashboard shows it.",
                "CLERK_AUTHORIZED_PARTIES must hold origins like https://app.example.com, not 'app.example.com'.",
                "CLERK_AUTHORIZED_PARTIES must hold origins like https://app.example.com, not 'https://a.example.com/path'.",
                "CLERK_API_URL must be an https address like https://clerk.example.com, not 'ftp://api'.",
            ],
            faults);
        Assert.DoesNotContain("hush", string.Concat(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pk_test_hush")]
    [InlineData("pk_test_")]
    [InlineData("pk_Y2xlcmsuZXhhbXBsZS5jb20k")]
    [InlineData("pk_live_Y2xlcmsuZXhhbXBsZS5jb20=")]
    [InlineData("pk_live_aHVzaC5leGFtcGxlLmNvbTsgc2NyaXB0LXNyYyAqJA==")]
    public void Read_PublishableKeyOfNoHost_SaysSo(string key)
    {
        var (options, faults) = Read(
            (ClerkOptions.SecretKeyVariable, "sk_test_a"),
            (ClerkOptions.PublishableKeyVariable, key),
            (ClerkOptions.IssuerVariable, "https://clerk.example.com"),
            (ClerkOptions.WebhookSecretVariable, Secret));

        Assert.Null(options);
        Assert.Equal("CLERK_PUBLISHABLE_KEY is malformed at position 1: copy it whole, as Clerk's dashboard shows it.", Assert.Single(faults));
    }

    [Fact]
    public void Read_SomeMissing_NamesThem()
    {
        var (options, faults) = Read((ClerkOptions.IssuerVariable, "https://a.example.com,https://a.example.com"));

        Assert.Null(options);
        Assert.Equal(4, faults.Count);
        Assert.StartsWith("CLERK_SECRET_KEY is missing", faults[0], StringComparison.Ordinal);
        Assert.StartsWith("CLERK_PUBLISHABLE_KEY is missing", faults[1], StringComparison.Ordinal);
        Assert.StartsWith("CLERK_WEBHOOK_SECRET is missing", faults[2], StringComparison.Ordinal);
        Assert.Equal("CLERK_ISSUER names https://a.example.com more than once.", faults[3]);
    }

    [Fact]
    public void ToString_Anything_TellsNoSecret() =>
        Assert.DoesNotContain("sk_", new ClerkInstance("https://a.example.com", "pk_a", "sk_a").ToString(), StringComparison.Ordinal);

    private static (ClerkOptions? Options, List<string> Faults) Read(params (string Name, string Value)[] variables)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(variables.ToDictionary(pair => pair.Name, pair => (string?)pair.Value)).Build();
        var faults = new List<string>();
        return (ClerkOptions.Read(configuration, ["http://localhost:3000"], faults), faults);
    }
}
