using System.Runtime.InteropServices;
using LlmObserve.Storage.Postgres;

namespace LlmObserve.Silo;

/// <summary>Runs the server until a signal stops it.</summary>
internal static class RunCommand
{
    // A person who presses Ctrl-C again has waited; sudo, timeout and terminals send one press twice.
    private static readonly TimeSpan s_impatience = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(Func<ServerOptions> read)
    {
        var time = TimeProvider.System;
        var stopping = 0L;
        using var stop = new CancellationTokenSource();
        // The first signal stops in order. A later one has its usual effect; a database left running is taken over next time.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        try
        {
            await using var server = await Server.StartAsync(read(), stop.Token);
            await Console.Out.WriteAsync(Greeting.For(server));
            var signalled = await server.WaitAsync(stop.Token);
            await Console.Out.WriteLineAsync("Stopping: finishing what runs.");
            return signalled ? 0 : 1;
        }
        catch (Exception failed) when (failed is StartFailedException or PrivatePostgresException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        void Stop(PosixSignalContext signal)
        {
            lock (stop)
            {
                if (!stop.IsCancellationRequested)
                {
                    stopping = time.GetTimestamp();
                }

                signal.Cancel = time.GetElapsedTime(stopping) < s_impatience;
            }

            stop.Cancel();
        }
    }
}
