using System.Diagnostics;
using System.Reflection;

namespace LlmObserve.EndToEnd.Tests;

/// <summary>The programs under test, as they were built, and how they are run.</summary>
internal static class Programs
{
    /// <summary>The server.</summary>
    public static string Server => Path("Server");

    /// <summary>The demo.</summary>
    public static string Demo => Path("Demo");

    /// <summary>The folder with the npm packages.</summary>
    public static string Npm => Path("Npm");

    /// <summary>How to start a program of ours, its output kept from the tests'.</summary>
    public static ProcessStartInfo DotNet(string program, params IEnumerable<string> arguments) => new("dotnet", [program, .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_NOLOGO"] = "1", ["ConnectionStrings__LlmObserve"] = null },
    };

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it printed to both outputs.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static string Path(string name) => System.IO.Path.GetFullPath(
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == name).Value!);
}
