using System.Collections.Frozen;
using System.Security.Cryptography;

namespace LlmObserve.Api.Clerk;

/// <summary>What became of a session token of Clerk's.</summary>
public enum ClerkTokenOutcome
{
    Valid,
    Expired,

    /// <summary>Not yet to be used: made by a clock that is ahead.</summary>
    Early,

    /// <summary>Made for another origin.</summary>
    OtherParty,

    /// <summary>Its user has not done all that signing in takes.</summary>
    Pending,

    /// <summary>Says that a configured instance made it, which is not so.</summary>
    Invalid,

    /// <summary>Does not even say that a configured instance made it.</summary>
    Foreign,

    /// <summary>The instance does not give its keys now.</summary>
    Unavailable,
}

/// <summary>Whom a valid token names, in Clerk's ids.</summary>
/// <param name="Instance">That signed it.</param>
/// <param name="User"><c>user_…</c></param>
/// <param name="Session"><c>sess_…</c></param>
/// <param name="Organization">The one that the user has chosen.</param>
public sealed record ClerkSession(ClerkInstance Instance, string User, string? Session, ClerkSessionOrganization? Organization);

/// <summary>An organization in a token.</summary>
/// <param name="Id"><c>org_…</c></param>
/// <param name="Role">Without <c>org:</c>, which one of the two formats leaves out.</param>
/// <param name="Slug">Of its address.</param>
public sealed record ClerkSessionOrganization(string Id, string? Role, string? Slug);

/// <summary>
/// Verifies session tokens of the configured instances, without asking anybody but for the instances' keys: RS256 alone, by a key of the token's
/// own issuer; <c>exp</c>, <c>nbf</c>, <c>iat</c> and <c>azp</c>.
/// </summary>
internal sealed class ClerkTokens
{
    /// <summary>How far the clocks may differ; a token lives a minute.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    private readonly ClerkOptions _options;
    private readonly TimeProvider _time;
    private readonly FrozenDictionary<string, (ClerkInstance Instance, JwksCache Keys)> _issuers;

    public ClerkTokens(ClerkOptions options, HttpClient http, TimeProvider time, ILoggerFactory logging)
    {
        _options = options;
        _time = time;
        _issuers = options.Instances.ToFrozenDictionary(
            instance => instance.Issuer,
            instance => (instance, new JwksCache(instance.Issuer, http, time, logging.CreateLogger<JwksCache>())),
            StringComparer.Ordinal);
    }

    public async ValueTask<(ClerkTokenOutcome Outcome, ClerkSession? Session)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (!ClerkTokenText.TryRead(token, out var read) || !_issuers.TryGetValue(read.Claims.Issuer, out var issuer))
        {
            return (ClerkTokenOutcome.Foreign, null);
        }

        var (lookup, key) = await issuer.Keys.FindAsync(read.KeyId, cancellationToken);
        var outcome = lookup switch
        {
            KeyLookup.Unavailable => ClerkTokenOutcome.Unavailable,
            KeyLookup.Unknown => ClerkTokenOutcome.Invalid,
            _ => IsSigned(read, key) ? Judge(read.Claims) : ClerkTokenOutcome.Invalid,
        };
        return outcome == ClerkTokenOutcome.Valid
            ? (outcome, new ClerkSession(issuer.Instance, read.Claims.Subject, read.Claims.Session, read.Claims.Organization))
            : (outcome, null);
    }

    private static bool IsSigned(ClerkTokenText token, RSAParameters key)
    {
        // Made for each check: one instance must not be used by two threads, and a check takes longer than this.
        using var rsa = RSA.Create(key);
        return rsa.VerifyData(token.Signed, token.Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private ClerkTokenOutcome Judge(ClerkClaims claims)
    {
        var now = (decimal)_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000;
        var leeway = (decimal)Leeway.Ticks / TimeSpan.TicksPerSecond;
        return claims.Expires + leeway <= now ? ClerkTokenOutcome.Expired
            : claims.NotBefore - leeway > now || claims.IssuedAt - leeway > now ? ClerkTokenOutcome.Early
            : claims.Party is { } party && !_options.AuthorizedParties.Contains(party) ? ClerkTokenOutcome.OtherParty
            : claims.IsPending ? ClerkTokenOutcome.Pending
            : ClerkTokenOutcome.Valid;
    }
}
