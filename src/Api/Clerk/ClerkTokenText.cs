using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace LlmObserve.Api.Clerk;

/// <summary>
/// A token taken apart, before anything of it is proved. Header: <c>{"alg":"RS256","cat":"cl_B7d4PD111AAA","kid":"ins_…","typ":"JWT"}</c>; claims:
/// <see cref="ClerkClaims"/>. What could be read in two ways is not read: names that stand twice, letters that are no base64url, extensions.
/// </summary>
internal sealed record ClerkTokenText(string KeyId, ClerkClaims Claims, byte[] Signed, byte[] Signature)
{
    /// <summary>A cookie holds four kilobytes, and Clerk's tokens are made to fit into one.</summary>
    public const int MaxLength = 8192;

    /// <summary>What Clerk puts into the header of session tokens, and not of those for machines and for other services.</summary>
    private const string SessionCategory = "cl_B7d4PD111AAA";

    private static readonly JsonDocumentOptions s_json = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
    private static readonly SearchValues<char> s_letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool TryRead(string token, [NotNullWhen(true)] out ClerkTokenText? read)
    {
        read = null;
        if (token.Length > MaxLength || token.Split('.') is not [var head, var body, var tail]
            || Decode(head) is not { } header || Decode(body) is not { } payload || Decode(tail) is not { } signature)
        {
            return false;
        }

        try
        {
            if (ReadKeyId(header) is { } keyId && ClerkClaims.Read(payload, s_json) is { } claims)
            {
                read = new ClerkTokenText(keyId, claims, Encoding.ASCII.GetBytes($"{head}.{body}"), signature);
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half a surrogate pair. Either way it is no token of theirs.
        }

        return read is not null;
    }

    private static string? ReadKeyId(byte[] json)
    {
        using var document = JsonDocument.Parse(json, s_json);
        var header = document.RootElement;
        return header.ValueKind == JsonValueKind.Object
            && header.Text("alg") == "RS256"
            && header.Text("kid") is { Length: > 0 and <= JwkSet.MaxKeyIdLength } keyId
            && (!header.TryGetProperty("typ", out _) || header.Text("typ") == "JWT")
            && (!header.TryGetProperty("cat", out _) || header.Text("cat") == SessionCategory)
            && !header.TryGetProperty("crit", out _)
                ? keyId
                : null;
    }

    /// <summary>Null for anything but the one way to write these bytes.</summary>
    private static byte[]? Decode(string text)
    {
        if (text.Length == 0 || text.Length % 4 == 1 || text.AsSpan().ContainsAnyExcept(s_letters))
        {
            return null;
        }

        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>Claims as they stand in a token.</summary>
/// <param name="Expires">In seconds since 1970, as the two others.</param>
internal sealed record ClerkClaims(
    string Issuer,
    string Subject,
    string? Session,
    string? Party,
    decimal Expires,
    decimal? NotBefore,
    decimal? IssuedAt,
    bool IsPending,
    ClerkSessionOrganization? Organization)
{
    /// <summary>Ids have about 32 characters.</summary>
    public const int MaxIdLength = 128;

    public const string UserPrefix = "user_";
    public const string OrganizationPrefix = "org_";

    private const string RolePrefix = "org:";
    private const int MaxTextLength = 512;

    /// <summary>The year 5138: no sum with it overflows.</summary>
    private const decimal MaxSeconds = 100_000_000_000;

    private static readonly SearchValues<char> s_id =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public static bool IsId(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length && text.Length <= MaxIdLength
        && !text.AsSpan().ContainsAnyExcept(s_id);

    /// <summary>Null where a claim is missing that must be there, or one has a type that it must not have.</summary>
    public static ClerkClaims? Read(byte[] json, JsonDocumentOptions options)
    {
        using var document = JsonDocument.Parse(json, options);
        var payload = document.RootElement;
        return payload.ValueKind == JsonValueKind.Object
            && payload.Text("iss") is { Length: > 0 and <= MaxTextLength } issuer
            && payload.Text("sub") is { } subject && IsId(subject, UserPrefix)
            && TryText(payload, "azp", out var party) && party is not ""
            && TryText(payload, "sid", out var session)
            && TryText(payload, "sts", out var status)
            && TrySeconds(payload, "exp", out var expires) && expires is not null
            && TrySeconds(payload, "nbf", out var notBefore)
            && TrySeconds(payload, "iat", out var issuedAt)
            && TryOrganization(payload, out var organization)
                ? new ClerkClaims(
                    issuer, subject, session, party, expires.Value, notBefore, issuedAt, status is not (null or "active"), organization)
                : null;
    }

    /// <summary>
    /// The second format has <c>"o":{"id":"org_…","rol":"admin","slg":"acme"}</c>, the first <c>"org_id":"org_…","org_role":"org:admin",…</c>.
    /// </summary>
    private static bool TryOrganization(JsonElement payload, out ClerkSessionOrganization? organization)
    {
        organization = null;
        var (element, id, role, slug) = payload.TryGetProperty("o", out var inner) && inner.ValueKind != JsonValueKind.Null
            ? (inner, "id", "rol", "slg")
            : (payload, "org_id", "org_role", "org_slug");
        if (element.ValueKind != JsonValueKind.Object || !TryText(element, id, out var idText)
            || !TryText(element, role, out var roleText) || !TryText(element, slug, out var slugText))
        {
            return false;
        }

        if (idText is null)
        {
            return true;
        }

        organization = new ClerkSessionOrganization(
            idText,
            roleText?.StartsWith(RolePrefix, StringComparison.Ordinal) ?? false ? roleText[RolePrefix.Length..] : roleText,
            slugText);
        return IsId(idText, OrganizationPrefix);
    }

    private static bool TryText(JsonElement element, string name, out string? text)
    {
        text = element.Text(name);
        return text is { Length: <= MaxTextLength } || !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null;
    }

    private static bool TrySeconds(JsonElement element, string name, out decimal? seconds)
    {
        seconds = null;
        if (!element.TryGetProperty(name, out var value))
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number) || number is < 0 or > MaxSeconds)
        {
            return false;
        }

        seconds = number;
        return true;
    }
}

/// <summary>Members of objects.</summary>
internal static class JsonMembers
{
    /// <summary>A text; null where there is none.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
