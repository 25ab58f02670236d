using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace LlmObserve.Api.Tests.Clerk;

/// <summary>Programs of tests/npm, which say what others' own libraries make of something.</summary>
internal static class NpmProgram
{
    private static readonly string s_folder = Path.GetFullPath(
        typeof(NpmProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Npm").Value!);

    /// <summary>Runs a program, and gives what it printed.</summary>
    public static async Task<JsonElement> RunAsync(string program, object input)
    {
        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "svix")))
        {
            throw new InvalidOperationException($"The npm packages are missing: run ./dev test Api, or npm ci in {s_folder}.");
        }

        using var process = Process.Start(new ProcessStartInfo("node", [program])
        {
            UseShellExecute = false,
            WorkingDirectory = s_folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(input));
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}.\n{await error}");
        return JsonSerializer.Deserialize<JsonElement>(output);
    }
}
