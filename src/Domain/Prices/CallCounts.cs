using System.Runtime.CompilerServices;
using LlmObserve.Domain.Events;

namespace LlmObserve.Domain.Prices;

/// <summary>
/// A call's usage cut into parts that do not overlap, so that each token is priced once. Seconds and gigabytes are decimals, the rest
/// whole.
/// </summary>
internal struct CallCounts
{
    private Counts _counts;

    /// <summary>What decides the tier: all input, cache and media included.</summary>
    public long TotalInput { get; private set; }

    public decimal Seconds { get; set; }

    public decimal Gb { get; private set; }

    public long this[PriceKind kind]
    {
        readonly get => _counts[(int)kind];
        set => _counts[(int)kind] = value;
    }

    /// <summary>
    /// Input that is cached, written to a cache, audio or image leaves the base. Where these parts add up to more than the whole, some of
    /// the cached input must be the audio or the image; what is still too much means that the whole was understated, and the parts count.
    /// </summary>
    public static CallCounts Of(Usage usage)
    {
        var parts = default(CallCounts);
        var cacheRead = usage.CacheReadTokens;
        var audio = usage.InputAudioTokens;
        var image = usage.InputImageTokens;
        var writes = (Int128)usage.CacheWrite5mTokens + usage.CacheWrite1hTokens;
        var stated = cacheRead + writes + audio + image;

        var shared = (long)Int128.Clamp(stated - usage.InputTokens, 0, cacheRead);
        var cachedAudio = Math.Min(shared, audio);
        var cachedImage = Math.Min(shared - cachedAudio, image);
        stated -= cachedAudio + (Int128)cachedImage;

        parts[PriceKind.CacheAudioRead] = cachedAudio;
        parts[PriceKind.CacheImageRead] = cachedImage;
        parts[PriceKind.CacheRead] = cacheRead - cachedAudio - cachedImage;
        parts[PriceKind.CacheWrite5m] = usage.CacheWrite5mTokens;
        parts[PriceKind.CacheWrite1h] = usage.CacheWrite1hTokens;
        parts[PriceKind.InputAudio] = audio - cachedAudio;
        parts[PriceKind.InputImage] = image - cachedImage;
        parts[PriceKind.Input] = (long)Int128.Max(usage.InputTokens - stated, 0);
        parts.TotalInput = (long)Int128.Min(Int128.Max(usage.InputTokens, stated), long.MaxValue);

        var madeMedia = (Int128)usage.OutputAudioTokens + usage.OutputImageTokens;
        parts[PriceKind.Reasoning] = usage.ReasoningTokens;
        parts[PriceKind.OutputAudio] = usage.OutputAudioTokens;
        parts[PriceKind.OutputImage] = usage.OutputImageTokens;
        parts[PriceKind.Output] = (long)Int128.Max(usage.OutputTokens - madeMedia - usage.ReasoningTokens, 0);

        parts[PriceKind.Requests] = usage.Requests;
        parts[PriceKind.WebSearches] = usage.WebSearches;
        parts[PriceKind.ReadUnits] = usage.ReadUnits;
        parts[PriceKind.WriteUnits] = usage.WriteUnits;
        parts[PriceKind.Characters] = usage.Characters;
        parts[PriceKind.Images] = usage.Images;
        parts.Seconds = usage.Seconds;
        parts.Gb = usage.Gb;
        return parts;
    }

    public readonly bool Uses(PriceKind kind) => kind switch
    {
        PriceKind.Seconds => Seconds != 0,
        PriceKind.Gb => Gb != 0,
        _ => this[kind] != 0,
    };

    /// <summary>How much of a kind was used.</summary>
    public readonly decimal Quantity(PriceKind kind) => kind switch
    {
        PriceKind.Seconds => Seconds,
        PriceKind.Gb => Gb,
        _ => this[kind],
    };

    /// <summary>Whether the call states any quantity.</summary>
    public readonly bool IsEmpty
    {
        get
        {
            for (var i = 0; i < CountsLength; i++)
            {
                if (_counts[i] != 0)
                {
                    return false;
                }
            }

            return Seconds == 0 && Gb == 0;
        }
    }

    /// <summary>One for each <see cref="PriceKind"/>.</summary>
    private const int CountsLength = (int)PriceKind.Gb + 1;

    [InlineArray(CountsLength)]
    private struct Counts
    {
        private long _first;
    }
}
