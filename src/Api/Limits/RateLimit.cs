using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Primitives;

namespace LlmObserve.Api.Limits;

/// <summary>
/// One limit: a token bucket each for keys, accounts or addresses, by the framework's own limiter. It drops the bucket of whoever has been
/// quiet until it was full and ten seconds more.
/// </summary>
/// <typeparam name="T">What has a bucket.</typeparam>
internal sealed class RateLimit<T> : IAsyncDisposable
    where T : notnull
{
    /// <summary>Buckets fill ten times a second: the framework looks at them as often.</summary>
    private const int FillsPerSecond = 10;

    private readonly PartitionedRateLimiter<T> _buckets;

    /// <summary>Makes one.</summary>
    /// <param name="perSecond">Above 0.</param>
    /// <param name="shedReason">One of <see cref="Http.ShedReasons"/>.</param>
    /// <param name="whose">For people: what has a bucket.</param>
    public RateLimit(int perSecond, string shedReason, string whose)
    {
        (PerSecond, ShedReason, Whose) = (perSecond, shedReason, whose);
        Size = perSecond * RateLimitOptions.BurstSeconds;
        SizeText = Size.ToString(CultureInfo.InvariantCulture);
        var perFill = Math.Max(1, perSecond / FillsPerSecond);
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = Size,
            TokensPerPeriod = perFill,
            ReplenishmentPeriod = TimeSpan.FromTicks(TimeSpan.TicksPerSecond * perFill / perSecond),
            // The framework fills all buckets by one timer, not each by its own.
            AutoReplenishment = false,
            QueueLimit = 0,
        };
        // Made once: a lambda a request would be garbage a request.
        Func<T, RateLimiter> bucket = _ => new TokenBucketRateLimiter(options);
        _buckets = PartitionedRateLimiter.Create<T, T>(key => RateLimitPartition.Get(key, bucket));
    }

    public int PerSecond { get; }

    /// <summary>What a full bucket holds: the most at once.</summary>
    public int Size { get; }

    public StringValues SizeText { get; }

    public string ShedReason { get; }

    public string Whose { get; }

    /// <summary>Takes a token; false where there is none.</summary>
    public bool TryTake(T key)
    {
        using var lease = _buckets.AttemptAcquire(key);
        return lease.IsAcquired;
    }

    /// <summary>How many tokens are left.</summary>
    public int Left(T key) => (int)Math.Clamp(_buckets.GetStatistics(key)?.CurrentAvailablePermits ?? Size, 0, Size);

    /// <summary>Whole seconds until so many tokens are there.</summary>
    public int SecondsFor(int tokens) => (tokens + PerSecond - 1) / PerSecond;

    public ValueTask DisposeAsync() => _buckets.DisposeAsync();
}
