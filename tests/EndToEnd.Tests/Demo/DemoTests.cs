using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Demo;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_RunningServer_ShowsAHardCapDenyingTheNextCall()
    {
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder);

        var (exitCode, output) = await Programs.RunAsync(Programs.DotNet(Programs.Demo, "--url", $"{server.Api}"));

        Assert.True(exitCode == 0, output);
        Assert.Contains("Blocked by the daily cap on customer mosaic-clinic", output, StringComparison.Ordinal);
        // The others go on after it.
        var lines = output.Split('\n');
        var denied = Array.FindIndex(lines, line => line.Contains("DENIED", StringComparison.Ordinal));
        Assert.Contains(lines.Skip(denied), line => line.Contains("allowed  harbor-legal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Demo_NoServer_SaysHowToStartOne()
    {
        var (exitCode, output) = await Programs.RunAsync(Programs.DotNet(Programs.Demo, "--url", "http://127.0.0.1:9"));

        Assert.Equal(1, exitCode);
        Assert.Contains("./dev run", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
