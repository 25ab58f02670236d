using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace LlmObserve.Domain.Periods;

/// <summary>
/// The time zone of an account: where its hours, days, weeks and months begin. Every answer is an instant in UTC. Immutable but for a
/// cache, and safe to use from any thread; <see cref="TryParse"/> gives one object per zone.
/// <para>
/// The start of a local day is the first instant whose local date is that date or later, and an instant belongs to the day with the
/// greatest start at or before it. So starts only move forward: also where clocks go back over midnight, where midnight does not exist,
/// and where a date is skipped. Weeks begin with Monday's start, months with the first's. An hour is a local clock hour, cut where the
/// offset changes: a repeated hour gets a bucket of its own, and every hour lies within one day.
/// </para>
/// </summary>
public sealed partial class AccountZone
{
    /// <summary>The zone of accounts that chose none.</summary>
    public static readonly AccountZone Utc = new(TimeZoneInfo.Utc);

    /// <summary>Zones in use, by the system's id, so that it is bounded by the system's zone names: some six hundred.</summary>
    private static readonly ConcurrentDictionary<string, AccountZone> Known = new(StringComparer.Ordinal) { ["UTC"] = Utc };

    private readonly OffsetTimeline _offsets;

    private AccountZone(TimeZoneInfo zone)
    {
        Id = zone.Id;
        _offsets = OffsetTimeline.Of(zone);
    }

    /// <summary>The IANA name, such as <c>Asia/Kolkata</c>.</summary>
    public string Id { get; }

    /// <summary>Finds a zone by its IANA name. Where there is none, <paramref name="error"/> is a sentence that says so.</summary>
    public static bool TryParse(string? id, [NotNullWhen(true)] out AccountZone? zone, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (id is not null && Known.TryGetValue(id, out zone))
        {
            return true;
        }

        if (id is null || !IsIanaName(id) || !TimeZoneInfo.TryFindSystemTimeZoneById(id, out var system))
        {
            zone = null;
            error = $"'{Excerpt(id)}' is no known time zone: give an IANA name such as UTC, Europe/London or Asia/Kolkata.";
            return false;
        }

        zone = Known.GetOrAdd(system.Id, static (_, system) => new AccountZone(system), system);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for a name that was checked before. Throws <see cref="TimeZoneNotFoundException"/>.</summary>
    public static AccountZone Parse(string id) => TryParse(id, out var zone, out var error) ? zone : throw new TimeZoneNotFoundException(error);

    public override string ToString() => Id;

    /// <summary>
    /// The zone database has files beside its zones (<c>right/</c> counts leap seconds, <c>localtime</c> is the machine's), and a name is a
    /// path there: only names in the form of a zone's go through.
    /// </summary>
    private static bool IsIanaName(string id)
    {
        const int longest = 64;
        return id.Length is > 0 and <= longest
            && char.IsAsciiLetterUpper(id[0])
            && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '_' or '-' or '+')
            && !id.Contains("//", StringComparison.Ordinal)
            && id[^1] != '/';
    }

    private static string Excerpt(string? id)
    {
        const int longest = 40;
        return id is null ? "" : id.Length <= longest ? id : id[..longest] + "…";
    }
}
