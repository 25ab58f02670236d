using System.Runtime.InteropServices;
using LlmObserve.Storage.Postgres;

namespace LlmObserve.Silo;

/// <summary>Runs the server until a signal stops it.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(ServerOptions options)
    {
        using var stop = new CancellationTokenSource();
        // The first signal stops in order. A second one, while that goes on, has its usual effect; a database left running is taken over next time.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        try
        {
            await using var server = await Server.StartAsync(options, stop.Token);
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
            if (!stop.IsCancellationRequested)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        }
    }
}
