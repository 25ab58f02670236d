using System.Runtime.InteropServices;
using LlmObserve.Domain.Events;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>
/// The section paths that an account counts by name, for each day in which an event may still land. The first of a day are kept, up to a
/// limit; one that did not land after all takes a place until the ledger opens anew.
/// </summary>
internal sealed class DaySections
{
    /// <summary>Longer than any event may be late.</summary>
    private static readonly TimeSpan s_kept = LedgerRetention.HourCustomer + TimeSpan.FromDays(2);

    private readonly Dictionary<DateTimeOffset, HashSet<string>> _byDay = [];

    /// <summary>A path that the ledger counts by name.</summary>
    internal void Load(DaySection section)
    {
        if (section.Path != SectionPaths.Others)
        {
            Of(section.Day).Add(section.Path);
        }
    }

    /// <summary>What an event with this path counts under in a day.</summary>
    internal string NameOf(DateTimeOffset day, string path)
    {
        var known = Of(day);
        if (known.Contains(path))
        {
            return path;
        }

        if (known.Count == SectionPaths.MaxPerDay || path == SectionPaths.Others || !SectionPaths.Fits(path))
        {
            return SectionPaths.Others;
        }

        known.Add(path);
        return path;
    }

    private HashSet<string> Of(DateTimeOffset day)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_byDay, day, out _);
        if (known is not null)
        {
            return known;
        }

        var added = known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var old in _byDay.Keys.Where(other => other < day - s_kept).ToList())
        {
            _byDay.Remove(old);
        }

        return added;
    }
}
