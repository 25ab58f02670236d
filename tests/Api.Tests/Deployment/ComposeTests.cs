using System.Text.RegularExpressions;
using LlmObserve.Api.Events;
using LlmObserve.Silo;

namespace LlmObserve.Api.Tests.Deployment;

/// <summary>What compose file, image and proxy say to the server is what it understands.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] s_program = ["dotnet", "LlmObserve.Silo.dll"];

    [Fact]
    public void Commands_OfTheComposeFile_AreUnderstood()
    {
        var commands = Repository.CommandLines("docker-compose.yml", "command").Where(words => words[0] != "postgres").ToList();

        Assert.All(commands, Understood);
        Assert.Equal(
            [ServerRoles.Silo, ServerRoles.Api | ServerRoles.Web],
            commands.Select(words => ServerRolesText.Parse(words[Array.IndexOf(words, "--roles") + 1])));
    }

    [Fact]
    public void HealthCheck_OfTheComposeFile_IsUnderstood()
    {
        var check = Assert.Single(Repository.CommandLines("docker-compose.yml", "test"), words => words.Contains("dotnet"));

        Assert.Equal(["CMD", .. s_program, "health"], check[..4]);
        Understood(check[3..]);
    }

    [Fact]
    public void Command_OfTheImage_IsUnderstood()
    {
        Assert.Equal(s_program, Assert.Single(Repository.CommandLines("Dockerfile", "ENTRYPOINT")));
        Understood(Assert.Single(Repository.CommandLines("Dockerfile", "CMD")));
    }

    [Fact]
    public void Image_EveryProjectOfTheServer_IsRestored()
    {
        var projects = Directory.GetFiles(Path.Combine(Repository.Folder, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(project => Path.GetRelativePath(Repository.Folder, project).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

        Assert.Equal(projects, Copied().Matches(Repository.Read("Dockerfile")).Select(match => match.Groups["project"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Proxy_Bodies_MayBeAsLargeAsOurs()
    {
        Assert.Contains($"client_max_body_size {EventLimits.MaxBodyBytes / (1024 * 1024)}m;", Repository.Read("deploy/nginx.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public void Password_OfTheDatabase_HasNoDefault()
    {
        var uses = Password().Matches(Repository.Read("docker-compose.yml")).Select(match => match.Value).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, use => Assert.StartsWith("${POSTGRES_PASSWORD:?", use, StringComparison.Ordinal));
        Assert.Contains("\nPOSTGRES_PASSWORD=\n", Repository.Read(".env.example"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLERK_")]
    [InlineData("SMTP_")]
    [InlineData("LLMOBSERVE_")]
    [InlineData("FROM_EMAIL")]
    [InlineData("PUBLIC_URL")]
    public void Variables_OfTheServer_ArePassedOnAndExplained(string prefix)
    {
        var variables = Directory.GetFiles(Path.Combine(Repository.Folder, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Variable().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Distinct()
            .ToList();
        var compose = Repository.Read("docker-compose.yml");
        var explained = Repository.Read("docs/operations.md") + Repository.Read("docs/clerk.md");

        Assert.NotEmpty(variables);
        Assert.All(variables, name => Assert.Contains($"${{{name}:-", compose, StringComparison.Ordinal));
        Assert.All(variables, name => Assert.Contains($"`{name}`", explained, StringComparison.Ordinal));
    }

    private static void Understood(string[] words) => Assert.Empty(CommandLine.Create().Parse(words).Errors.Select(error => error.Message));

    [GeneratedRegex(@"^COPY (?<project>src/\S+\.csproj) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Copied();

    // As a name in the code, between quotes and whole.
    [GeneratedRegex(@"""(?<name>(CLERK|SMTP|LLMOBSERVE)_[A-Z_]+|FROM_EMAIL|PUBLIC_URL)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\{?POSTGRES_PASSWORD\W[^}""]*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Password();
}
