namespace LlmObserve.Web.Components.Settings;

/// <summary>The time zones that are offered while somebody types. The API takes others that the system knows too: old names among them.</summary>
internal static class Zones
{
    public static readonly IReadOnlyList<string> Names =
    [
        .. TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id)
            .Where(id => id == "UTC" || (id.Contains('/', StringComparison.Ordinal) && !id.StartsWith("Etc/", StringComparison.Ordinal)))
            .Prepend("UTC").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
