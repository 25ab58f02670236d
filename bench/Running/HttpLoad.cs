using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmObserve.Bench.Running;

/// <summary>Sends one GET as often as the server answers it, over a fixed number of connections.</summary>
/// <param name="Url">What is asked.</param>
/// <param name="Bearer">The API key; null for none.</param>
internal sealed partial record HttpLoad(Uri Url, string? Bearer)
{
    /// <summary>Enough that the server always has something to do, few enough that they share two processors with it.</summary>
    public const int Connections = 32;

    /// <summary>Connections of this load.</summary>
    public int ConnectionCount { get; init; } = Connections;

    /// <summary>Which generator there is; both measured things are always put under the same.</summary>
    public static string Generator { get; } = FindWrk() ? "wrk" : "the built-in generator (wrk is not installed)";

    /// <summary>Requests per second over the given time. Any answer but 2xx fails the measurement.</summary>
    public Task<double> RunAsync(TimeSpan duration, TimeProvider time, CancellationToken cancellationToken) =>
        Generator == "wrk" ? RunWrkAsync(duration, cancellationToken) : RawHttpLoad.RunAsync(this, duration, time, cancellationToken);

    private async Task<double> RunWrkAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        List<string> arguments = ["--threads", "1", "--connections", $"{ConnectionCount}", "--duration", $"{(int)Math.Ceiling(duration.TotalSeconds)}s"];
        if (Bearer is not null)
        {
            arguments.AddRange(["--header", $"Authorization: Bearer {Bearer}"]);
        }

        using var wrk = Process.Start(Programs.Command("wrk", [.. arguments, Url.AbsoluteUri]))!;
        var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
        await wrk.WaitForExitAsync(cancellationToken);
        var rate = Rate().Match(output);
        return rate.Success && !output.Contains("Non-2xx", StringComparison.Ordinal) && !output.Contains("Socket errors", StringComparison.Ordinal)
            ? double.Parse(rate.Groups["rate"].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"wrk on {Url.PathAndQuery} says:\n{output}");
    }

    private static bool FindWrk()
    {
        try
        {
            using var wrk = Process.Start(Programs.Command("wrk", "--version"))!;
            wrk.WaitForExit();
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    // "Requests/sec:  71234.56"
    [GeneratedRegex(@"Requests/sec:\s+(?<rate>[0-9.]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();
}
