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

    private async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        using var answer = await _http.GetAsync(address);
        return answer.StatusCode;
    }
}
