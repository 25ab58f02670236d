using System.Diagnostics;
using LlmObserve.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Testing;

/// <summary>The test process's own PostgreSQL in a temporary directory, gone with the process however that ends.</summary>
internal static class TestServer
{
    private const string Prefix = "llmobserve-test-";

    // Waits until our end of its input closes, which the system does even for a killed process, then removes the server and its files.
    // It leaves our process group's Ctrl-C and our parent's clean-up behind, since both would come too early for it.
    private const string Undertaker =
        """
        exec 3<&0
        (
          trap '' INT TERM HUP
          cat <&3 >/dev/null
          if [ -f "$1/postgres/location" ]; then server=$(cat "$1/postgres/location"); else server="$1/postgres/server"; fi
          if [ -f "$server/db/postmaster.pid" ]; then
            pid=$(head -n 1 "$server/db/postmaster.pid")
            case $(tr '\0' ' ' < "/proc/$pid/cmdline" || ps -p "$pid" -o command=) in
              *postgres*)
                kill -QUIT "$pid"
                tries=0
                while kill -0 "$pid" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done ;;
            esac
          fi
          rm -rf "$server" "$1"
        ) >/dev/null 2>&1 &
        """;

    public static async Task<PrivatePostgres> StartAsync()
    {
        RemoveLeftovers();
        var directory = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}"[..(Prefix.Length + 16)]);
        RemoveWithProcess(directory);
        return await PrivatePostgres.StartAsync(directory, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
    }

    private static StreamWriter? s_undertakerInput;

    private static void RemoveWithProcess(string directory)
    {
        var undertaker = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Undertaker, "sh", directory])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        })!;
        undertaker.WaitForExit();
        // Kept, never closed: it must stay open for as long as this process lives.
        s_undertakerInput = undertaker.StandardInput;
    }

    // After a power cut or a kill of everything at once, only files are left; nobody holds their lock.
    private static void RemoveLeftovers()
    {
        foreach (var directory in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var heldBy = Path.Combine(directory, "postgres", "lock");
            if (!File.Exists(heldBy) || IsHeld(heldBy))
            {
                continue;
            }

            RemoveWithProcess(directory);
            s_undertakerInput!.Close();
        }
    }

    private static bool IsHeld(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
