using System.Text.Json;
using JWT;
using JWT.Algorithms;
using JWT.Builder;
using JWT.Serializers;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Api.Callers;

/// <summary>Whom a session token names.</summary>
/// <param name="User">Who signed in.</param>
/// <param name="Account">The account that the token opens.</param>
/// <param name="Session">Which of their sessions.</param>
public readonly record struct SessionClaims(UserId User, AccountId Account, Guid Session);

/// <summary>What became of a session token.</summary>
public enum SessionTokenOutcome
{
    Valid,
    Expired,

    /// <summary>Not made by this server, changed, or no token at all.</summary>
    Invalid,
}

/// <summary>
/// Session tokens: JWTs signed with HS256 and this server's own secret. Claims: <c>sub</c> (user), <c>acct</c> (account), <c>sid</c> (session), <c>iat</c>, <c>exp</c>.
/// </summary>
public sealed class SessionTokens
{
    /// <summary>Long enough to follow a guide with one token, short enough that one in a log is worth little. A session's end does not wait for it.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>As many bytes as the hash has; fewer would make the secret the weaker part.</summary>
    public const int MinSecretBytes = 32;

    /// <summary>Ours have about 250 characters. Longer ones are not worth decoding.</summary>
    private const int MaxTokenLength = 2048;

    private readonly byte[] _secret;
    private readonly TimeProvider _time;
    private readonly JwtEncoder _encoder;
    private readonly JwtDecoder _decoder;

    public SessionTokens(ReadOnlySpan<byte> secret, TimeProvider time)
    {
        if (secret.Length < MinSecretBytes)
        {
            throw new ArgumentException($"the session secret has {secret.Length} bytes, it needs {MinSecretBytes}", nameof(secret));
        }

        _secret = secret.ToArray();
        _time = time;
        var algorithm = new HMACSHA256Algorithm();
        var json = new JsonNetSerializer();
        var base64 = new JwtBase64UrlEncoder();
        _encoder = new JwtEncoder(algorithm, json, base64);
        _decoder = new JwtDecoder(json, new JwtValidator(json, new Clock(time)), base64, algorithm);
    }

    /// <summary>A token for as long as tokens live.</summary>
    public string Create(SessionClaims claims) => Create(claims, _time.GetUtcNow() + Lifetime);

    /// <summary>A token for a session that may end before.</summary>
    /// <param name="claims">Whom it names.</param>
    /// <param name="expiresAt">In whole seconds; what is above is left out.</param>
    public string Create(SessionClaims claims, DateTimeOffset expiresAt)
    {
        var now = _time.GetUtcNow();
        return _encoder.Encode(
            new Dictionary<string, object>(StringComparer.Ordinal),
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["sub"] = claims.User.ToString(),
                ["acct"] = claims.Account.ToString(),
                ["sid"] = claims.Session.ToString("N"),
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = expiresAt.ToUnixTimeSeconds(),
            },
            _secret);
    }

    public SessionTokenOutcome Read(string token, out SessionClaims claims)
    {
        claims = default;
        if (token.Length > MaxTokenLength)
        {
            return SessionTokenOutcome.Invalid;
        }

        try
        {
            // The library checks the signature by our algorithm whatever the header says; the header must not say anything else either.
            var parts = new JwtParts(token);
            if (!string.Equals(_decoder.DecodeHeader<JwtHeader>(parts).Algorithm, "HS256", StringComparison.Ordinal))
            {
                return SessionTokenOutcome.Invalid;
            }

            using var payload = JsonDocument.Parse(_decoder.Decode(parts, _secret, verify: true));
            return TryReadClaims(payload.RootElement, out claims);
        }
        catch (JWT.Exceptions.TokenExpiredException)
        {
            return SessionTokenOutcome.Expired;
        }
        catch (Exception)
        {
            // The library answers a stranger's text with a dozen kinds of exception; each of them means: not a token of ours.
            return SessionTokenOutcome.Invalid;
        }
    }

    private SessionTokenOutcome TryReadClaims(JsonElement payload, out SessionClaims claims)
    {
        claims = new SessionClaims(
            UserId.Parse(payload.GetProperty("sub").GetString()!),
            AccountId.Parse(payload.GetProperty("acct").GetString()!),
            Guid.ParseExact(payload.GetProperty("sid").GetString()!, "N"));

        // A token without an end is none of ours, and the library would let it pass.
        return _time.GetUtcNow() < DateTimeOffset.FromUnixTimeSeconds(payload.GetProperty("exp").GetInt64())
            ? SessionTokenOutcome.Valid
            : SessionTokenOutcome.Expired;
    }

    private sealed class Clock(TimeProvider time) : IDateTimeProvider
    {
        public DateTimeOffset GetNow() => time.GetUtcNow();
    }
}
