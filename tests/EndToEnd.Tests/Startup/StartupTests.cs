using System.Net;
using System.Net.Sockets;
using LlmObserve.Testing;

namespace LlmObserve.EndToEnd.Tests.Startup;

public sealed class StartupTests : IDisposable
{
    private readonly TemporaryData _data = TemporaryData.Create();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Interrupt_Serving_StopsPostgresToo()
    {
        await using var server = await ServerProcess.StartAsync(_data.Path);
        var postmaster = Postmaster();

        // One press of Ctrl-C below sudo or timeout arrives twice.
        var exitCode = await server.InterruptAsync(times: 2);

        Assert.Equal(0, exitCode);
        Assert.NotNull(postmaster);
        Assert.Null(Postmaster());
    }

    [Fact]
    public async Task Start_AfterAKill_TakesOverTheRunningPostgres()
    {
        await using (var killed = await ServerProcess.StartAsync(_data.Path))
        {
            await killed.KillAsync();
        }

        var left = Postmaster();
        await using var server = await ServerProcess.StartAsync(_data.Path);

        Assert.NotNull(left);
        Assert.Equal(left, Postmaster());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(server.Api, "/health")));
        Assert.Equal(0, await server.InterruptAsync());
        Assert.Null(Postmaster());
    }

    [Fact]
    public async Task Start_DirectoryInUse_NamesTheProcessAndEnds()
    {
        await using var server = await ServerProcess.StartAsync(_data.Path);

        var (exitCode, output) = await Programs.RunAsync(Programs.DotNet(Programs.Server, "--data", _data.Path));

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
            Programs.DotNet(Programs.Server, "--data", _data.Path, "--urls", taken, "--web-urls", "http://127.0.0.1:0"));

        Assert.Equal(1, exitCode);
        Assert.Contains($"{taken} is taken by another program", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Null(Postmaster());
    }

    [Theory]
    [InlineData("localhost:8000")]
    [InlineData("http://localhost:80070")]
    [InlineData("https://localhost:8443")]
    [InlineData("")]
    public async Task Start_AddressThatCannotBe_IsRefusedBeforeAnythingStarts(string url)
    {
        var (exitCode, output) = await Programs.RunAsync(Programs.DotNet(Programs.Server, "--data", _data.Path, "--urls", url));

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_data.Path, "postgres")));
    }

    private async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        using var answer = await _http.GetAsync(address);
        return answer.StatusCode;
    }

    private string? Postmaster()
    {
        var location = Path.Combine(_data.Path, "postgres", "location");
        var server = File.Exists(location) ? File.ReadAllText(location).Trim() : Path.Combine(_data.Path, "postgres", "server");
        var file = Path.Combine(server, "db", "postmaster.pid");
        return File.Exists(file) ? File.ReadLines(file).First() : null;
    }
}
