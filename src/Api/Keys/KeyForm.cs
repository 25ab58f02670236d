using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>What can be said of a key: read field by field, so that every fault is named.</summary>
internal static class KeyForm
{
    /// <summary>A few words.</summary>
    public const int MaxNameLength = 100;

    /// <summary>For a key that is made without a name.</summary>
    public const string DefaultName = "API key";

    /// <summary>Offices, a cloud's ranges and a few machines; every one is looked at with each request of the key.</summary>
    public const int MaxNetworks = 50;

    /// <summary>Longer than any scope's word.</summary>
    private const int MaxScopeLength = 32;

    /// <summary>More than there are.</summary>
    private const int MaxScopes = 8;

    /// <summary>Who means longer means for ever, and leaves it out. In leap years and others: five of the longest.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(5 * 366);

    /// <summary>How long a key that was rotated may go on: a month is enough to find every place that uses it.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    /// <summary>A day: the deployments of most take one.</summary>
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromDays(1);

    /// <summary>The name of a key, or that of one without.</summary>
    public static string Name(JsonFields fields) => NameOr(fields.OptionalText("name", MaxNameLength));

    /// <inheritdoc cref="Name"/>
    public static string NameOr(string? name) => string.IsNullOrWhiteSpace(name) ? DefaultName : name.Trim();

    /// <summary>The words of its scopes; where nothing is said, <see cref="ApiScopes.Default"/>.</summary>
    public static ImmutableArray<string> Scopes(JsonFields fields)
    {
        var words = fields.Texts("scopes", MaxScopes, MaxScopeLength) ?? ApiScopes.Default;
        if (words.IsEmpty)
        {
            fields.Add(new Fault("scopes", FaultCodes.Required, "A key without any scope opens nothing: leave scopes out or name some."));
        }

        for (var i = 0; i < words.Length; i++)
        {
            if (!ApiScopes.IsKnown(words[i]))
            {
                fields.Add(new Fault($"scopes[{i}]", FaultCodes.UnknownValue, $"scopes[{i}] must be one of {ApiScopes.Known}."));
            }
        }

        return [.. words.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>When it ends by itself; null: never.</summary>
    public static DateTimeOffset? ExpiresAt(JsonFields fields, DateTimeOffset now)
    {
        if (fields.Instant("expires_at") is not { } end)
        {
            return null;
        }

        if (end <= now)
        {
            fields.Add("expires_at", FaultCodes.OutOfRange, "must be in the future");
        }
        else if (end > now + LongestLife)
        {
            fields.Add("expires_at", FaultCodes.OutOfRange, "must be within five years; leave it out for a key that does not end");
        }

        // As the store keeps it.
        return end.AddTicks(-(end.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Networks from which it may be used, in one notation; none: from everywhere.</summary>
    public static ImmutableArray<string> AllowedIps(JsonFields fields)
    {
        if (fields.Texts("allowed_ips", MaxNetworks, NetworkText.MaxLength) is not { } texts)
        {
            return [];
        }

        if (texts.IsEmpty)
        {
            fields.Add("allowed_ips", FaultCodes.Required, "names no address: leave it out, or send null, for a key that is open to all");
        }

        var networks = ImmutableArray.CreateBuilder<string>(texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            switch (NetworkText.Read(texts[i], out var network))
            {
                case NetworkFault.None:
                    networks.Add(NetworkText.ToText(network));
                    break;
                case NetworkFault.HostBits:
                    fields.Add($"allowed_ips[{i}]", FaultCodes.Malformed, "has bits beyond its prefix; a network of 256 addresses is written 203.0.113.0/24");
                    break;
                default:
                    fields.Add(
                        $"allowed_ips[{i}]", FaultCodes.Malformed, "must be an address or a network, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32");
                    break;
            }
        }

        return [.. networks.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>How long a rotated key goes on.</summary>
    public static TimeSpan Overlap(JsonFields fields) =>
        fields.Whole("overlap_seconds", 0, (long)LongestOverlap.TotalSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultOverlap;
}
