using System.Diagnostics;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>Signals to other processes.</summary>
internal static class Signals
{
    public static void Send(string signal, params IEnumerable<int> processes)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {string.Join(' ', processes)}"]);
        kill.WaitForExit();
    }

    /// <summary>Whether the process runs; one that ended and was not yet waited for does not.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
