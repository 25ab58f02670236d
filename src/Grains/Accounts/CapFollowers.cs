using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Grains.Interfaces.Caps;
using Microsoft.Extensions.Logging;
using Orleans;

namespace LlmObserve.Grains.Accounts;

/// <summary>Sends each commit to the grains of the caps that it touches, and remembers which of them fell behind.</summary>
internal sealed partial class CapFollowers(AccountId account, IGrainFactory grains, ILogger log)
{
    /// <summary>Caps that are called at once: each may have to read the database, whose connections are the whole process's.</summary>
    private const int MaxAtOnce = 32;

    private readonly HashSet<CapEntry> _behind = [];

    /// <summary>
    /// Prepares the deltas of one commit, synchronously; the returned delivery never throws: a cap that does not confirm is behind.
    /// </summary>
    internal Func<Task> Prepare(IReadOnlyList<CapEntry> touched, long epoch, long seq)
    {
        if (touched.Count == 0)
        {
            return static () => Task.CompletedTask;
        }

        var sends = new (CapEntry Entry, CapDelta Delta)[touched.Count];
        for (var i = 0; i < sends.Length; i++)
        {
            sends[i] = (touched[i], touched[i].TakeDelta(epoch, seq));
        }

        return async () =>
        {
            foreach (var some in sends.Chunk(MaxAtOnce))
            {
                await Task.WhenAll(some.Select(send => SendAsync(send.Entry, send.Delta)));
            }
        };
    }

    /// <summary>After the ledger opened: any of these caps may lack the last commit of the epoch before.</summary>
    internal void Reset(IEnumerable<CapEntry> entries)
    {
        _behind.Clear();
        _behind.UnionWith(entries);
    }

    internal void Forget(CapEntry entry) => _behind.Remove(entry);

    /// <summary>Lets every cap that these events touch reload where it is behind; true where they then hold everything.</summary>
    internal async ValueTask<bool> CatchUpAsync(ImmutableArray<LedgerEvent> events, CapTable table)
    {
        if (_behind.Count == 0)
        {
            return true;
        }

        var touched = new HashSet<CapEntry>();
        CallLabels? last = null;
        foreach (var ledgerEvent in events)
        {
            var labels = ledgerEvent.Labels;
            if (labels != last)
            {
                last = labels;
                table.AddMatching(labels, touched);
            }
        }

        touched.IntersectWith(_behind);
        return await ReloadAllAsync(touched);
    }

    /// <summary>Makes these caps' grains read everything anew; true where all could.</summary>
    internal async Task<bool> ReloadAllAsync(IEnumerable<CapEntry> entries)
    {
        var all = true;
        foreach (var some in entries.ToArray().Chunk(MaxAtOnce))
        {
            all &= Array.TrueForAll(await Task.WhenAll(some.Select(ReloadAsync)), static ok => ok);
        }

        return all;
    }

    /// <summary>Makes a cap's grain read its definition and total anew; false, and it is behind, where it could not.</summary>
    internal async Task<bool> ReloadAsync(CapEntry entry)
    {
        _behind.Add(entry);
        try
        {
            await Grain(entry).ReloadAsync();
            _behind.Remove(entry);
            return true;
        }
        catch (Exception e)
        {
            // Whatever kept it from reloading (database, silo, time-out): it stays behind and nothing it counts is acknowledged.
            LogBehind(log, e, account, entry.Cap.Id);
            return false;
        }
    }

    private async Task SendAsync(CapEntry entry, CapDelta delta)
    {
        if (_behind.Contains(entry))
        {
            // It may lack a change of its definition, which no delta shows: it must read that too.
            await ReloadAsync(entry);
            return;
        }

        try
        {
            await Grain(entry).ApplyAsync(delta);
        }
        catch (Exception e)
        {
            // As above: the ledger holds the commit, the cap does not; it must reload.
            _behind.Add(entry);
            LogBehind(log, e, account, entry.Cap.Id);
        }
    }

    private ICapGrain Grain(CapEntry entry) => grains.GetGrain<ICapGrain>(entry.Cap.Id.ToString());

    [LoggerMessage(10, LogLevel.Warning, "Account {Account}: cap {Cap} did not confirm a commit and must reload")]
    private static partial void LogBehind(ILogger logger, Exception error, AccountId account, CapId cap);
}
