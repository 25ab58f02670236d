using System.Diagnostics;

namespace LlmObserve.Testing;

/// <summary>
/// A data directory for a test. It goes when it is disposed or when the test process ends, however that ends, together with the
/// server and the PostgreSQL that still run on it.
/// </summary>
public sealed class TemporaryData : IDisposable
{
    private const string Prefix = "llmobserve-test-";
    private const string LockSuffix = ".lock";

    // Long enough to be unique on one machine, short enough that the path fits a socket's address.
    private const int NameLength = 12;

    // Waits until our end of its input closes, which the system does even for a killed process, then removes what is left.
    // It leaves our process group's Ctrl-C and our parent's clean-up behind, since both would come too early for it.
    private const string Undertaker =
        """
        exec 3<&0
        (
          trap '' INT TERM HUP
          cat <&3 >/dev/null
          command_of() { tr '\0' ' ' <"/proc/$1/cmdline" || ps -p "$1" -o command=; }
          for owner in $(cat "$1/postgres/lock.process" "$1.processes"); do
            case $(command_of "$owner") in *LlmObserve.Silo*) kill -KILL "$owner" ;; esac
          done
          if [ -f "$1/postgres/location" ]; then server=$(cat "$1/postgres/location"); else server="$1/postgres/server"; fi
          if [ -f "$server/db/postmaster.pid" ]; then
            postmaster=$(head -n 1 "$server/db/postmaster.pid")
            case $(command_of "$postmaster") in
              *postgres*)
                kill -QUIT "$postmaster"
                kill -CONT "$postmaster"
                tries=0
                while kill -0 "$postmaster" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done ;;
            esac
          fi
          rm -rf "$server" "$1" "$1.processes" "$1.lock"
          echo done >&4
        ) 4>&1 >/dev/null 2>&1 &
        """;

    private readonly FileStream _lock;
    private readonly Process _undertaker;

    private TemporaryData(string path, FileStream held)
    {
        Path = path;
        _lock = held;
        _undertaker = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Undertaker, "sh", path])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Where it is; made by whoever writes there first.</summary>
    public string Path { get; }

    /// <summary>A new one. What killed test runs left goes first.</summary>
    public static TemporaryData Create()
    {
        foreach (var left in Directory.EnumerateFiles(System.IO.Path.GetTempPath(), Prefix + "*" + LockSuffix))
        {
            TryTake(left, FileMode.Open)?.Dispose();
        }

        while (true)
        {
            var name = Prefix + Guid.NewGuid().ToString("N")[..NameLength];
            // Another process that looks for leftovers may be quicker with the lock; then the next name is as good.
            if (TryTake(System.IO.Path.Combine(System.IO.Path.GetTempPath(), name + LockSuffix), FileMode.CreateNew) is { } data)
            {
                return data;
            }
        }
    }

    // The system lets go of the lock when its process ends: who can take it may remove the data.
    private static TemporaryData? TryTake(string lockFile, FileMode mode)
    {
        try
        {
            var held = new FileStream(lockFile, mode, FileAccess.ReadWrite, FileShare.None);
            return new TemporaryData(lockFile[..^LockSuffix.Length], held);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Says that a server belongs here which has no PostgreSQL of its own to know it by.</summary>
    public void Own(int server) => File.AppendAllText(Path + ".processes", $"{server}\n");

    /// <summary>Removes it now.</summary>
    public void Dispose()
    {
        _undertaker.StandardInput.Close();
        _undertaker.StandardOutput.ReadToEnd();
        _undertaker.Dispose();
        _lock.Dispose();
    }
}
