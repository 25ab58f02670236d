using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Startup;

/// <summary>A server that was started on an empty directory.</summary>
public sealed class ServingTests(RunningServer running) : IClassFixture<RunningServer>, IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Addresses_Both_ServeTheirOwn()
    {
        Assert.Equal("""{"status":"ok"}""", await _http.GetStringAsync(new Uri(running.Server.Api, "/health")));
        Assert.Contains("LLMObserve", await _http.GetStringAsync(running.Server.Dashboard), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(running.Server.Dashboard, "/health")));
        Assert.DoesNotContain("<html", await _http.GetStringAsync(running.Server.Api), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Greeting_NobodySignedUp_SaysWhatToDoNext()
    {
        Assert.Contains($"curl -X POST {running.Server.Api.GetLeftPart(UriPartial.Authority)}/auth/signup", running.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dashboard_Styles_AreServed()
    {
        Assert.Contains("color-scheme", await _http.GetStringAsync(new Uri(running.Server.Dashboard, "/app.css")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_Secrets_AreTheOwnersAlone()
    {
        string[] secrets = [Path.Combine(running.Folder.Data, "signing.key"), Path.Combine(running.Folder.Data, "postgres", "password")];
        Assert.All(secrets, secret => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret)));
        Assert.Equal(64, (await File.ReadAllTextAsync(secrets[0])).Trim().Length);
    }

    [Fact]
    public async Task Health_OfARunningServer_EndsWithZeroOnlyForAGoodAnswer()
    {
        Assert.Equal(0, await HealthAsync(new Uri(running.Server.Api, "/health/ready")));
        Assert.Equal(1, await HealthAsync(new Uri(running.Server.Api, "/nothing-here")));
        // The port of nobody.
        Assert.Equal(1, await HealthAsync(new Uri("http://127.0.0.1:1/health/ready")));
        Assert.Equal(1, await HealthAsync(new Uri("file:///health/ready")));
    }

    private static async Task<int> HealthAsync(Uri url) =>
        (await Programs.RunAsync(Programs.DotNet(Programs.Server, "health", "--url", url.ToString()))).ExitCode;

    private async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        using var answer = await _http.GetAsync(address);
        return answer.StatusCode;
    }
}
