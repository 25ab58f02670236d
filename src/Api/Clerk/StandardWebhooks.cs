using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace LlmObserve.Api.Clerk;

/// <summary>Why a message is not taken for the sender's.</summary>
public enum WebhookFault
{
    None,

    /// <summary>Not all three headers are there, once each.</summary>
    MissingHeaders,

    /// <summary>The id is empty, too long or no id.</summary>
    MalformedId,

    /// <summary>The time is no number of seconds.</summary>
    MalformedTimestamp,

    TooOld,

    /// <summary>From further in the future than clocks differ.</summary>
    TooNew,

    /// <summary>No signature of a version that is known.</summary>
    NoSignature,

    /// <summary>No signature fits any secret.</summary>
    WrongSignature,
}

/// <summary>
/// Verifies messages by the Standard Webhooks scheme (https://www.standardwebhooks.com), which is Svix's:
/// <code>
/// svix-id: msg_2g5ZnWN2i…
/// svix-timestamp: 1714000000
/// svix-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,bm9ldHU5…
/// </code>
/// A signature is the HMAC-SHA256 of <c>id.timestamp.body</c>, over the body as it came. Several while the sender changes its secret.
/// </summary>
public sealed class StandardWebhooks(ImmutableArray<ImmutableArray<byte>> secrets, TimeProvider time)
{
    public const string SecretPrefix = "whsec_";

    /// <summary>128 bits; senders make 192.</summary>
    public const int MinSecretBytes = 16;

    /// <summary>Ids have about 32 characters; each is kept for a while.</summary>
    public const int MaxIdLength = 128;

    /// <summary>A sender signs with the secrets of the last day.</summary>
    public const int MaxSignatures = 16;

    /// <summary>How far the clocks may differ, and how long a message that was listened in on can be sent again.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Longer than <see cref="MaxSignatures"/> need.</summary>
    private const int MaxHeaderLength = 2048;

    /// <summary>Seconds up to the year 5138.</summary>
    private const int MaxTimestampLength = 11;

    private const string Version = "v1,";

    /// <summary>Whatever is printed, but the dot: it parts the id from the time in what is signed.</summary>
    private static readonly SearchValues<char> s_id =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(letter => (char)letter).Where(letter => letter != '.')]);

    /// <summary>The bytes of a secret as it is shown, or null.</summary>
    public static ImmutableArray<byte>? ReadSecret(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(SecretPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var length) && length >= MinSecretBytes
            ? [.. bytes.AsSpan(0, length)]
            : null;
    }

    /// <summary>Whether the headers are such that the body is worth reading, and the message's id.</summary>
    public WebhookFault CheckHeaders(IHeaderDictionary headers, out WebhookHeaders read)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (!TryRead(headers, "svix-", out read) && !TryRead(headers, "webhook-", out read))
        {
            return WebhookFault.MissingHeaders;
        }

        if (read.Id.Length > MaxIdLength || read.Id.AsSpan().ContainsAnyExcept(s_id))
        {
            return WebhookFault.MalformedId;
        }

        // No sign, no blanks: exactly these characters are signed.
        if (read.Timestamp.Length > MaxTimestampLength
            || !long.TryParse(read.Timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return WebhookFault.MalformedTimestamp;
        }

        // In whole seconds, as senders count.
        var age = time.GetUtcNow().ToUnixTimeSeconds() - seconds;
        return age > Tolerance.TotalSeconds ? WebhookFault.TooOld : -age > Tolerance.TotalSeconds ? WebhookFault.TooNew : WebhookFault.None;
    }

    /// <summary>Whether one of the sender's secrets signed this id, time and body.</summary>
    public WebhookFault Verify(WebhookHeaders headers, ReadOnlySpan<byte> body)
    {
        var signatures = Signatures(headers.Signature);
        if (signatures.Count == 0)
        {
            return WebhookFault.NoSignature;
        }

        var prefix = Encoding.ASCII.GetBytes($"{headers.Id}.{headers.Timestamp}.");
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var fits = false;
        foreach (var secret in secrets)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.AsSpan());
            hmac.AppendData(prefix);
            hmac.AppendData(body);
            hmac.GetHashAndReset(expected);
            foreach (var signature in signatures)
            {
                fits |= CryptographicOperations.FixedTimeEquals(signature, expected);
            }
        }

        return fits ? WebhookFault.None : WebhookFault.WrongSignature;
    }

    private static List<byte[]> Signatures(string header)
    {
        var found = new List<byte[]>();
        if (header.Length > MaxHeaderLength)
        {
            return found;
        }

        foreach (var range in header.AsSpan().Split(' '))
        {
            var text = header.AsSpan(range);
            var bytes = new byte[HMACSHA256.HashSizeInBytes];
            if (text.StartsWith(Version, StringComparison.Ordinal)
                && Convert.TryFromBase64Chars(text[Version.Length..], bytes, out var length) && length == bytes.Length
                && found.Count < MaxSignatures)
            {
                found.Add(bytes);
            }
        }

        return found;
    }

    private static bool TryRead(IHeaderDictionary headers, string prefix, out WebhookHeaders read)
    {
        read = new WebhookHeaders(One(headers[prefix + "id"]), One(headers[prefix + "timestamp"]), One(headers[prefix + "signature"]));
        return read is { Id.Length: > 0, Timestamp.Length: > 0, Signature.Length: > 0 };
    }

    /// <summary>A header that is there twice could be read in two ways.</summary>
    private static string One(StringValues header) => header.Count == 1 ? header[0]!.Trim() : "";
}

/// <summary>The headers of a message; not proof of anything before <see cref="StandardWebhooks.Verify"/>.</summary>
public readonly record struct WebhookHeaders(string Id, string Timestamp, string Signature)
{
    /// <summary>When the message was sent, in milliseconds since 1970; only of headers that hold.</summary>
    public long SentMs => long.Parse(Timestamp, NumberStyles.None, CultureInfo.InvariantCulture) * 1000;
}
