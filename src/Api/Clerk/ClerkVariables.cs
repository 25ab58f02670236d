using System.Collections.Immutable;
using LlmObserve.Domain.Clerk;
using Microsoft.Extensions.Configuration;

namespace LlmObserve.Api.Clerk;

/// <summary>The variables of <see cref="ClerkOptions"/>, each a list between commas. What is wrong never repeats a secret.</summary>
internal sealed class ClerkVariables(IConfiguration configuration, ICollection<string> faults)
{
    private const string PublishableKeyPrefix = "pk_";
    private const string SecretKeyPrefix = "sk_";

    private static readonly ImmutableArray<string> s_needed =
    [
        ClerkOptions.SecretKeyVariable, ClerkOptions.PublishableKeyVariable, ClerkOptions.IssuerVariable, ClerkOptions.WebhookSecretVariable,
    ];

    public bool AnyIsSet => s_needed.Any(name => List(name).Length > 0);

    /// <summary>The lists of issuers and keys, by position.</summary>
    public ImmutableArray<ClerkInstance> Instances()
    {
        foreach (var missing in s_needed.Where(name => List(name).Length == 0))
        {
            faults.Add($"{missing} is missing: Clerk needs all of {string.Join(", ", s_needed)}, or none.");
        }

        var issuers = List(ClerkOptions.IssuerVariable);
        var publishable = Keys(ClerkOptions.PublishableKeyVariable, PublishableKeyPrefix);
        var secret = Keys(ClerkOptions.SecretKeyVariable, SecretKeyPrefix);
        for (var at = 0; at < publishable.Length; at++)
        {
            if (publishable[at].StartsWith(PublishableKeyPrefix, StringComparison.Ordinal) && ClerkPublishableKey.HostOf(publishable[at]) is null)
            {
                faults.Add($"{ClerkOptions.PublishableKeyVariable} is malformed at position {at + 1}: copy it whole, as Clerk's dashboard shows it.");
            }
        }

        int[] counts = [issuers.Length, publishable.Length, secret.Length];
        if (counts.Where(count => count > 0).Distinct().Count() > 1)
        {
            faults.Add(
                $"{ClerkOptions.IssuerVariable}, {ClerkOptions.PublishableKeyVariable} and {ClerkOptions.SecretKeyVariable} must name as many " +
                $"instances each, in one order; they have {counts[0]}, {counts[1]} and {counts[2]}.");
        }

        issuers = [.. issuers.Select(issuer => Address(ClerkOptions.IssuerVariable, issuer) ?? issuer)];
        foreach (var twice in issuers.GroupBy(issuer => issuer, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            faults.Add($"{ClerkOptions.IssuerVariable} names {twice.Key} more than once.");
        }

        return [.. Enumerable.Range(0, counts.Min()).Select(at => new ClerkInstance(issuers[at], publishable[at], secret[at]))];
    }

    public ImmutableArray<ImmutableArray<byte>> WebhookSecrets()
    {
        var secrets = ImmutableArray.CreateBuilder<ImmutableArray<byte>>();
        var position = 0;
        foreach (var text in List(ClerkOptions.WebhookSecretVariable))
        {
            position++;
            if (StandardWebhooks.ReadSecret(text) is { } secret)
            {
                secrets.Add(secret);
            }
            else
            {
                faults.Add(
                    $"{ClerkOptions.WebhookSecretVariable} is malformed at position {position}: it must be {StandardWebhooks.SecretPrefix} and at " +
                    $"least {StandardWebhooks.MinSecretBytes} bytes in base64, as Clerk's dashboard shows it.");
            }
        }

        return secrets.ToImmutable();
    }

    /// <summary>The origins of the variable, else of the public address, else the given ones.</summary>
    public ImmutableHashSet<string> AuthorizedParties(IEnumerable<string> ownOrigins)
    {
        var named = List(ClerkOptions.AuthorizedPartiesVariable);
        if (named.Length > 0)
        {
            return [.. named.Select(party => Origin(ClerkOptions.AuthorizedPartiesVariable, party, needsRoot: true)).OfType<string>()];
        }

        return configuration[ClerkOptions.PublicUrlVariable] is { } address && !string.IsNullOrWhiteSpace(address)
            ? [.. new[] { Origin(ClerkOptions.PublicUrlVariable, address.Trim(), needsRoot: false) }.OfType<string>()]
            : [.. ownOrigins];
    }

    /// <summary>An address without a slash at the end; null with a fault. Plain http only where it stays on this machine.</summary>
    public string? Address(string variable, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0)
        {
            return text.TrimEnd('/');
        }

        faults.Add($"{variable} must be an https address like https://clerk.example.com, not '{text}'.");
        return null;
    }

    private string? Origin(string variable, string text, bool needsRoot)
    {
        // Not only http: a browser's extension has an origin too.
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && (!needsRoot || uri.PathAndQuery is "/" or ""))
        {
            return uri.GetLeftPart(UriPartial.Authority);
        }

        faults.Add($"{variable} must hold origins like https://app.example.com, not '{text}'.");
        return null;
    }

    private ImmutableArray<string> Keys(string variable, string prefix)
    {
        var keys = List(variable);
        for (var at = 0; at < keys.Length; at++)
        {
            // A secret key under the other's name would be sent to every browser.
            if (!keys[at].StartsWith(prefix, StringComparison.Ordinal))
            {
                faults.Add($"{variable} must begin with {prefix}… at position {at + 1}.");
            }
        }

        return keys;
    }

    private ImmutableArray<string> List(string variable) =>
        [.. (configuration[variable] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
