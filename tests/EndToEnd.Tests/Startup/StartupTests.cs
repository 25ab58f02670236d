using System.Net;
using System.Net.Sockets;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Startup;

/// <summary>The first start, and how it ends, as a person at a terminal sees it.</summary>
public sealed class StartupTests : IAsyncLifetime
{
    private readonly ServerFolder _folder = ServerFolder.Create();
    private readonly HttpClient _http = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Interrupt_Serving_StopsPostgresToo()
    {
        await using var server = await ServerProcess.StartAsync(_folder);
        var postmaster = _folder.PostgresProcess;

        // One press of Ctrl-C below sudo or timeout arrives twice.
        var exitCode = await server.InterruptAsync(times: 2);

        Assert.Equal(0, exitCode);
        Assert.NotNull(postmaster);
        Assert.Null(_folder.PostgresProcess);
    }

    [Fact]
    public async Task Start_AfterAKill_TakesOverTheRunningPostgres()
    {
        await using (var killed = await ServerProcess.StartAsync(_folder))
        {
            await killed.KillAsync();
        }

        var left = _folder.PostgresProcess;
        await using var server = await ServerProcess.StartAsync(_folder);

        Assert.NotNull(left);
        Assert.Equal(left, _folder.PostgresProcess);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(server.Api, "/health")));
        Assert.Equal(0, await server.InterruptAsync());
        Assert.Null(_folder.PostgresProcess);
    }

    [Fact]
    public async Task Start_DirectoryInUse_NamesTheProcessAndEnds()
    {
        await using var server = await ServerProcess.StartAsync(_folder);

        var (exitCode, output) = await Programs.RunAsync(Programs.DotNet(Programs.Server, "--data", _folder.Data));

        Assert.Equal(1, exitCode);
        Assert.Contains($"process {server.Id}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSoAndLeavesNothingRunning()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";

        var (exitCode, output) = await Programs.RunAsync(
            Programs.DotNet(Programs.Server, "--data", _folder.Data, "--urls", taken, "--web-urls", "http://127.0.0.1:0"));

        Assert.Equal(1, exitCode);
        Assert.Contains($"{taken} is taken by another program", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Null(_folder.PostgresProcess);
    }

    [Theory]
    [InlineData("localhost:8000")]
    [InlineData("http://localhost:80070")]
    [InlineData("https://localhost:8443")]
    [InlineData("")]
    public async Task Start_AddressThatCannotBe_IsRefusedBeforeAnythingStarts(string url)
    {
        var (exitCode, output) = await Programs.RunAsync(Programs.DotNet(Programs.Server, "--data", _folder.Data, "--urls", url));

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Data, "postgres")));
    }

    [Fact]
    public async Task Start_MailThatCannotBe_IsRefusedBeforeAnythingStarts()
    {
        var start = Programs.DotNet(Programs.Server, "--data", _folder.Data, "--urls", "http://127.0.0.1:0", "--web-urls", "http://127.0.0.1:0");
        start.Environment["SMTP_HOST"] = "smtp.example.com";
        start.Environment["SMTP_PORT"] = "465";

        var (exitCode, output) = await Programs.RunAsync(start);

        Assert.Equal(1, exitCode);
        Assert.Contains("STARTTLS", output, StringComparison.Ordinal);
        Assert.Contains("FROM_EMAIL", output, StringComparison.Ordinal);
        Assert.Null(_folder.PostgresProcess);
    }

    [Fact]
    public async Task Start_EnvironmentThatCannotBe_NamesAllOfItBeforeAnythingStarts()
    {
        (string Name, string Value)[] wrong =
        [
            ("LLMOBSERVE_TRUSTED_PROXIES", "proxy.internal"),
            ("LLMOBSERVE_CORS_ORIGINS", "*"),
            ("LLMOBSERVE_RATE_LIMIT_PER_KEY", "many"),
            ("LLMOBSERVE_SIGNUPS_PER_IP_HOUR", "0"),
            ("LLMOBSERVE_SIGNIN_FAILURES_PER_IP", "few"),
            ("PUBLIC_URL", "llmobserve.example.com"),
            ("SMTP_HOST", "smtp://mail"),
            ("CLERK_SECRET_KEY", "pk_live_x"),
            ("ConnectionStrings__LlmObserve", "postgres://db"),
            ("Kestrel__Certificates__Default__Path", "/there/is/none.pem"),
            ("Logging__LogLevel__Default", "Loud"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "udp"),
        ];
        var start = Programs.DotNet(Programs.Server, "--data", _folder.Data, "--urls", "http://127.0.0.1:0", "--web-urls", "http://127.0.0.1:0");
        foreach (var (name, value) in wrong)
        {
            start.Environment[name] = value;
        }

        var (exitCode, output) = await Programs.RunAsync(start);

        Assert.Equal(1, exitCode);
        var lines = output.Split('\n');
        Assert.All([.. wrong.Select(variable => variable.Name), "CLERK_ISSUER", "CLERK_WEBHOOK_SECRET"],
            name => Assert.Contains(lines, line => line.StartsWith(name, StringComparison.Ordinal)));
        Assert.DoesNotContain("pk_live_x", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Data, "postgres")));
    }

    [Fact]
    public async Task Greeting_WhereClerkSignsIn_NamesNoRouteThatRefuses()
    {
        await using var server = await ServerProcess.StartAsync(_folder, new ServerSettings
        {
            Environment = new Dictionary<string, string>
            {
                ["CLERK_ISSUER"] = "https://clerk.example.com",
                ["CLERK_PUBLISHABLE_KEY"] = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
                ["CLERK_SECRET_KEY"] = "sk_test_x",
                ["CLERK_WEBHOOK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            },
        });

        Assert.Contains("Ctrl-C stops", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/auth/signup", server.Output, StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        using var answer = await _http.GetAsync(address);
        return answer.StatusCode;
    }
}
