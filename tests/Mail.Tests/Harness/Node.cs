using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace LlmObserve.Mail.Tests.Harness;

/// <summary>Runs programs of tests/npm.</summary>
internal static class Node
{
    /// <summary>Far beyond what anything here takes on a busy machine: reaching it means that it will never happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static string Folder
    {
        get
        {
            var npm = Path.GetFullPath(
                typeof(Node).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Npm").Value!);
            return Directory.Exists(Path.Combine(npm, "node_modules", "smtp-server"))
                ? npm
                : throw new InvalidOperationException($"The npm packages are missing: run ./dev test Mail, or npm ci in {npm}.");
        }
    }

    public static Process Start(string script, string environment = "")
    {
        var start = Piped("node", [script]);
        start.WorkingDirectory = Folder;
        start.Environment["MAIL_SERVER"] = environment;
        return Process.Start(start)!;
    }

    public static ProcessStartInfo Piped(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        StandardOutputEncoding = Encoding.UTF8,
    };

    public static async Task<string> ReadMailAsync(string mail)
    {
        using var reader = Start("mail-reader.mjs");
        await reader.StandardInput.WriteAsync(mail);
        reader.StandardInput.Close();
        return await reader.StandardOutput.ReadToEndAsync().WaitAsync(Patience, TimeProvider.System);
    }
}
