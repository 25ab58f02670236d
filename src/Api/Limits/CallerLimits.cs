using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Limits;

/// <summary>
/// How much one caller may ask of this process. A key that is known goes by its own limit and its account's. What is nobody's yet goes by its
/// address first: signing up and in, sessions, keys that were not seen lately, unknown routes, and whatever is refused. So nobody who shares an
/// address with a broken program is held up by it, as long as their key is known.
/// </summary>
internal sealed class CallerLimits : IAsyncDisposable
{
    /// <summary>
    /// Addresses share this many buckets, by a hash that each process salts: however many there are, memory stays below about 40 MB. Of ten thousand
    /// at once every seventh shares its bucket with another.
    /// </summary>
    public const int AddressSlots = 1 << 16;

    private const int IPv4Bytes = 4;

    /// <summary>Of IPv6 a home or a machine has a /64, and every address in it is theirs.</summary>
    private const int IPv6NetworkBytes = 8;

    private const int IPv6Bytes = 16;

    private readonly RateLimit<Guid>? _keys;
    private readonly RateLimit<AccountId>? _accounts;
    private readonly RateLimit<int>? _addresses;

    public CallerLimits(RateLimitOptions options)
    {
        _keys = Of<Guid>(options.PerKey, ShedReasons.KeyRate, "API key");
        _accounts = Of<AccountId>(options.PerAccount, ShedReasons.AccountRate, "account");
        _addresses = Of<int>(options.PerAddress, ShedReasons.AddressRate, "address");
    }

    /// <summary>Counts a request of nobody known yet; what to answer where its address has made too many, else null.</summary>
    public Problem? TakeForAddress(HttpContext context)
    {
        if (_addresses is null)
        {
            return null;
        }

        var slot = SlotOf(context.RemoteIp());
        if (Take(_addresses, slot, context) is { } tooMany)
        {
            return tooMany;
        }

        SetHeaders(_addresses, _addresses.Left(slot), context);
        return null;
    }

    /// <summary>Counts a request of a caller; what to answer where their key or account has made too many, else null.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="isTold">Whether the answer says how much is left: to look that up takes longer than to count.</param>
    /// <param name="context">The request.</param>
    public Problem? TakeForCaller(Caller caller, bool isTold, HttpContext context)
    {
        var key = caller.KeyId is null ? null : _keys;
        if (key is not null && Take(key, caller.KeyId!.Value, context) is { } tooManyOfKey)
        {
            return tooManyOfKey;
        }

        if (_accounts is not null && Take(_accounts, caller.Account, context) is { } tooManyOfAccount)
        {
            return tooManyOfAccount;
        }

        if (isTold)
        {
            DescribeTightest(key, caller, context);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await (_keys?.DisposeAsync() ?? default);
        await (_accounts?.DisposeAsync() ?? default);
        await (_addresses?.DisposeAsync() ?? default);
    }

    /// <summary>The bucket of an address; those without one, as on a Unix socket, share one.</summary>
    internal static int SlotOf(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[IPv6Bytes];
        if (address is null || !address.TryWriteBytes(bytes, out _))
        {
            return 0;
        }

        var hash = new HashCode();
        hash.AddBytes(bytes[..(address.AddressFamily == AddressFamily.InterNetwork ? IPv4Bytes : IPv6NetworkBytes)]);
        return hash.ToHashCode() & (AddressSlots - 1);
    }

    private static RateLimit<T>? Of<T>(int perSecond, string shedReason, string whose)
        where T : notnull => perSecond > 0 ? new RateLimit<T>(perSecond, shedReason, whose) : null;

    private static Problem? Take<T>(RateLimit<T> limit, T key, HttpContext context)
        where T : notnull
    {
        if (limit.TryTake(key))
        {
            return null;
        }

        SetHeaders(limit, left: 0, context);
        return new Problem(
            StatusCodes.Status429TooManyRequests,
            "rate-limited",
            "Too many requests",
            $"This {limit.Whose} makes more than {limit.PerSecond} requests a second; try again in a moment.")
        {
            RetryAfterSeconds = limit.SecondsFor(1),
            Shed = limit.ShedReason,
        };
    }

    /// <summary>The tightest is the one of which the smaller share is left.</summary>
    private void DescribeTightest(RateLimit<Guid>? keys, Caller caller, HttpContext context)
    {
        var (ofKey, ofAccount) = (keys?.Left(caller.KeyId!.Value) ?? 0, _accounts?.Left(caller.Account) ?? 0);
        if (keys is not null && (_accounts is null || (long)ofKey * _accounts.Size <= (long)ofAccount * keys.Size))
        {
            SetHeaders(keys, ofKey, context);
        }
        else if (_accounts is not null)
        {
            SetHeaders(_accounts, ofAccount, context);
        }
    }

    /// <summary>The bucket: what it holds at most, what is left of it, and in how many seconds it is full again.</summary>
    private static void SetHeaders<T>(RateLimit<T> limit, int left, HttpContext context)
        where T : notnull
    {
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = limit.SizeText;
        headers["RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = limit.SecondsFor(limit.Size - left).ToString(CultureInfo.InvariantCulture);
    }
}
