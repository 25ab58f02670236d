using System.Globalization;
using LlmObserve.Domain.Periods;
using LlmObserve.Web.Api;

namespace LlmObserve.Web.Components.Settings;

/// <summary>What a form says of a key: the fields of <see cref="KeyTermsFields"/>.</summary>
public sealed class KeyTermsForm
{
    /// <summary>The words for what a key may, and what each means.</summary>
    internal static readonly IReadOnlyList<(string Word, string Meaning)> Scopes =
    [
        ("ingest", "send events"),
        ("check", "ask before a call, and hold money for it"),
        ("read", "read figures, runs and caps"),
        ("manage", "make, change and remove caps"),
    ];

    private const string DateFormat = "yyyy-MM-dd";

    private static readonly char[] s_separators = ['\n', '\r', ',', ' ', '\t'];

    public string? Name { get; set; }

    public bool Ingest { get; set; }

    public bool Check { get; set; }

    public bool Read { get; set; }

    public bool Manage { get; set; }

    /// <summary>The last day, as a date field gives it; empty: none.</summary>
    public string? Until { get; set; }

    /// <summary>Addresses and networks, one a line; empty: from everywhere.</summary>
    public string? Networks { get; set; }

    /// <summary>What a key that nothing was said about may: what a client needs.</summary>
    internal static KeyTermsForm ForAClient() => new() { Ingest = true, Check = true };

    internal static KeyTermsForm Of(KeyAnswer key, AccountZone zone) => new()
    {
        Name = key.Name,
        Ingest = key.Scopes.Contains("ingest"),
        Check = key.Scopes.Contains("check"),
        Read = key.Scopes.Contains("read"),
        Manage = key.Scopes.Contains("manage"),
        Until = LastDay(key.ExpiresAt, zone),
        Networks = string.Join('\n', key.AllowedIps ?? []),
    };

    internal bool Has(string scope) => scope switch
    {
        "ingest" => Ingest,
        "check" => Check,
        "read" => Read,
        _ => Manage,
    };

    /// <summary>The body for a new key: what was left open is not sent.</summary>
    internal Dictionary<string, object?> ToNew(AccountZone zone)
    {
        var body = new Dictionary<string, object?> { ["name"] = Name, ["scopes"] = Words() };
        if (!string.IsNullOrWhiteSpace(Until))
        {
            body["expires_at"] = End(zone);
        }

        if (NetworkList() is { Length: > 0 } networks)
        {
            body["allowed_ips"] = networks;
        }

        return body;
    }

    /// <summary>The body for a change. An end that the person did not touch is not sent: a day does not say it to the second.</summary>
    internal Dictionary<string, object?> ToChange(KeyAnswer key, AccountZone zone)
    {
        var body = new Dictionary<string, object?>
        {
            ["name"] = Name,
            ["scopes"] = Words(),
            ["allowed_ips"] = NetworkList() is { Length: > 0 } networks ? networks : null,
        };
        if ((Until ?? "") != (LastDay(key.ExpiresAt, zone) ?? ""))
        {
            body["expires_at"] = string.IsNullOrWhiteSpace(Until) ? null : End(zone);
        }

        return body;
    }

    private string[] Words() => [.. Scopes.Where(scope => Has(scope.Word)).Select(scope => scope.Word)];

    private string[] NetworkList() => (Networks ?? "").Split(s_separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The end of the last day; what is no date goes to the API as it is, which says so.</summary>
    private object End(AccountZone zone) => DateOnly.TryParseExact(Until, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day < DateOnly.MaxValue ? zone.StartOf(day.AddDays(1)) : Until!;

    private static string? LastDay(DateTimeOffset? end, AccountZone zone) =>
        end is { } at ? zone.DateOf(at.AddTicks(-1)).ToString(DateFormat, CultureInfo.InvariantCulture) : null;
}
