using System.Net.Sockets;
using LlmObserve.Storage.Cluster;

namespace LlmObserve.Silo.Engines;

/// <summary>
/// A silo may join only where all active ones answer, and those that are left declare a dead one dead. Where none is left, as after a power cut, nobody
/// does: then the first that comes back declares the old ones dead, once it has tried them and heard no sign of life for a while. It compares
/// no clocks: a sign of life is a row that changes while it looks.
/// </summary>
internal static partial class GoneCluster
{
    /// <summary>Three signs of life that did not come.</summary>
    private static readonly TimeSpan Silence = 3 * ClusterTimes.SignOfLife;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>On a network that is there, a silo takes a connection at once.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(1);

    public static async Task BuryAsync(
        string cluster, ClusterMembersStore members, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var silentSince = began;
        HashSet<ActiveSilo> known = [];
        while (true)
        {
            var active = await members.ListActiveAsync(cluster, cancellationToken);
            if (active.Count == 0 || await AnyAnswersAsync(active, time, cancellationToken))
            {
                return;
            }

            if (known.Count == 0)
            {
                LogWaiting(log, active.Count, (int)Silence.TotalSeconds);
            }

            if (!known.SetEquals(active))
            {
                known = [.. active];
                silentSince = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(silentSince) >= Silence)
            {
                await members.DeclareDeadAsync(cluster, active, cancellationToken);
                LogBuried(log, active.Count, string.Join(", ", active.Select(member => member.Endpoint)));
                return;
            }

            if (time.GetElapsedTime(began) >= ClusterTimes.Join)
            {
                // They live and cannot be reached from here: joining will fail, and say so.
                return;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static async Task<bool> AnyAnswersAsync(IReadOnlyList<ActiveSilo> members, TimeProvider time, CancellationToken cancellationToken) =>
        (await Task.WhenAll(members.Select(member => AnswersAsync(member, time, cancellationToken)))).Contains(true);

    private static async Task<bool> AnswersAsync(ActiveSilo member, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ConnectPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(member.Endpoint, either.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "None of the {Count} silos of this cluster answers; waiting until they have been silent for {Seconds} s")]
    private static partial void LogWaiting(ILogger logger, int count, int seconds);

    [LoggerMessage(LogLevel.Warning, "The cluster was gone: its {Count} silos ({Silos}) are declared dead")]
    private static partial void LogBuried(ILogger logger, int count, string silos);
}
