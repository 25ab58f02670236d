using System.Diagnostics;

namespace LlmObserve.Bench.Running;

/// <summary>Other programs, started directly and heard.</summary>
internal static class Programs
{
    public static ProcessStartInfo Command(string program, params IEnumerable<string> arguments) =>
        new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
}
