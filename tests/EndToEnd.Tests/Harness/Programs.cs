using System.Diagnostics;
using System.Reflection;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>The programs under test, as they were built, and how they are run.</summary>
internal static class Programs
{
    /// <summary>The server.</summary>
    public static string Server => Path("Server");

    /// <summary>The demo.</summary>
    public static string Demo => Path("Demo");

    /// <summary>The quick start.</summary>
    public static string Readme => Path("Readme");

    /// <summary>The folder with the npm packages.</summary>
    /// <exception cref="InvalidOperationException">They are not installed.</exception>
    public static string Npm =>
        Directory.Exists(System.IO.Path.Combine(Path("Npm"), "node_modules", "llmobserve"))
            ? Path("Npm")
            : throw new InvalidOperationException($"The npm packages are missing: run ./dev test EndToEnd, or npm ci in {Path("Npm")}.");

    /// <summary>How to start a program of ours.</summary>
    public static ProcessStartInfo DotNet(string program, params IEnumerable<string> arguments)
    {
        // A shell ignores Ctrl-C for what it runs in the background, and children inherit that; the server is to be started as by a person.
        var start = OperatingSystem.IsLinux()
            ? Command("env", ["--default-signal=INT", "dotnet", program, .. arguments])
            : Command("dotnet", [program, .. arguments]);
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["ConnectionStrings__LlmObserve"] = null;
        return start;
    }

    /// <summary>How to run a program of npm, with the providers' recorded answers in place of the internet.</summary>
    public static ProcessStartInfo Node(ServerProcess server, Account account, string program)
    {
        var start = Command("node", [program]);
        start.WorkingDirectory = Npm;
        start.Environment["NODE_OPTIONS"] = CannedProviders;
        start.Environment["LLMOBSERVE_URL"] = server.Api.GetLeftPart(UriPartial.Authority);
        start.Environment["LLMOBSERVE_API_KEY"] = account.Key;
        return start;
    }

    /// <summary>What makes Node load the recorded answers before a program.</summary>
    public static string CannedProviders => $"--import {new Uri(System.IO.Path.Combine(Npm, "canned-providers.mjs")).AbsoluteUri}";

    /// <summary>How to start any program, its output kept from the tests'.</summary>
    public static ProcessStartInfo Command(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it printed to both outputs.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var outputs = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await Wait.ForAsync(outputs, () => $"{start.FileName} {string.Join(' ', start.ArgumentList)} to end");
            await process.WaitForExitAsync();
            return (process.ExitCode, string.Concat(await outputs));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Runs a program that must succeed, and gives what it printed.</summary>
    public static async Task<string> SucceedAsync(ProcessStartInfo start)
    {
        var (exitCode, output) = await RunAsync(start);
        Assert.True(exitCode == 0, $"{start.FileName} ended with {exitCode}.\n{output}");
        return output;
    }

    private static string Path(string name) => System.IO.Path.GetFullPath(
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!);
}
