using System.Collections.Concurrent;

namespace LlmObserve.Domain.Tests.Periods;

/// <summary>The instants at which a zone's offset changes, found by walking in quarters of an hour: slow and plain.</summary>
internal static class ZoneChanges
{
    private static readonly ConcurrentDictionary<(string Zone, int From, int To), IReadOnlyList<DateTimeOffset>> Found = new();

    public static IReadOnlyList<DateTimeOffset> Of(string zone, int fromYear, int toYear) =>
        Found.GetOrAdd((zone, fromYear, toYear), static key =>
        {
            var system = TimeZoneInfo.FindSystemTimeZoneById(key.Zone);
            var changes = new List<DateTimeOffset>();
            var at = new DateTimeOffset(key.From, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var end = new DateTimeOffset(key.To, 1, 1, 0, 0, 0, TimeSpan.Zero);
            for (var offset = system.GetUtcOffset(at); at < end; at = at.AddMinutes(15))
            {
                var next = system.GetUtcOffset(at);
                if (next != offset)
                {
                    changes.Add(at);
                    offset = next;
                }
            }

            return changes;
        });
}
