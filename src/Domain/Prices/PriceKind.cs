using System.Collections.Immutable;

namespace LlmObserve.Domain.Prices;

/// <summary>What a price is for. The JSON names are in <see cref="PriceKinds"/>.</summary>
public enum PriceKind
{
    Input,
    Output,
    CacheRead,
    CacheWrite5m,
    CacheWrite1h,
    Reasoning,
    InputAudio,
    OutputAudio,
    InputImage,
    OutputImage,
    CacheAudioRead,
    CacheImageRead,

    /// <summary>Kept in the book; a call cannot state it, so it is part of <see cref="Input"/>.</summary>
    InputVideo,

    /// <summary>Kept in the book; a call cannot state it, so it is part of <see cref="Output"/>.</summary>
    OutputVideo,

    /// <summary>Kept in the book; a call cannot state it, so it is part of <see cref="Output"/>.</summary>
    Citation,

    /// <summary>A fee for each request; one a call unless the call says how many.</summary>
    Requests,

    WebSearches,
    ReadUnits,
    WriteUnits,

    /// <summary>A call to a service that charges every operation alike: requests, else read plus write units, else one.</summary>
    Operations,

    Characters,
    Seconds,
    Images,
    Gb,
}

/// <summary>Names, units and fallbacks of the price kinds.</summary>
public static class PriceKinds
{
    private const int Million = 1_000_000;

    private static readonly ImmutableArray<(PriceKind Kind, string Name, int Per)> Table =
    [
        (PriceKind.Input, "input", Million),
        (PriceKind.Output, "output", Million),
        (PriceKind.CacheRead, "cache_read", Million),
        (PriceKind.CacheWrite5m, "cache_write_5m", Million),
        (PriceKind.CacheWrite1h, "cache_write_1h", Million),
        (PriceKind.Reasoning, "reasoning", Million),
        (PriceKind.InputAudio, "input_audio", Million),
        (PriceKind.OutputAudio, "output_audio", Million),
        (PriceKind.InputImage, "input_image", Million),
        (PriceKind.OutputImage, "output_image", Million),
        (PriceKind.CacheAudioRead, "cache_audio_read", Million),
        (PriceKind.CacheImageRead, "cache_image_read", Million),
        (PriceKind.InputVideo, "input_video", Million),
        (PriceKind.OutputVideo, "output_video", Million),
        (PriceKind.Citation, "citation", Million),
        (PriceKind.Requests, "requests", 1),
        (PriceKind.WebSearches, "web_searches", 1),
        (PriceKind.ReadUnits, "read_units", 1),
        (PriceKind.WriteUnits, "write_units", 1),
        (PriceKind.Operations, "operations", 1),
        (PriceKind.Characters, "characters", 1),
        (PriceKind.Seconds, "seconds", 1),
        (PriceKind.Images, "images", 1),
        (PriceKind.Gb, "gb", 1),
    ];

    private static readonly Dictionary<string, PriceKind> ByName =
        Table.ToDictionary(row => row.Name, row => row.Kind, StringComparer.Ordinal);

    /// <summary>How many kinds there are.</summary>
    public static int Count => Table.Length;

    /// <summary>The kind's name in JSON.</summary>
    public static string Name(this PriceKind kind) => Table[(int)kind].Name;

    /// <summary>How many of the kind one plain number in the book is for: tokens are priced by the million, the rest one by one.</summary>
    public static int NaturalPer(this PriceKind kind) => Table[(int)kind].Per;

    public static bool TryParse(string name, out PriceKind kind) => ByName.TryGetValue(name, out kind);

    /// <summary>The kind whose price covers <paramref name="kind"/> where an entry has none for it; null where nothing does.</summary>
    public static PriceKind? CoveredBy(this PriceKind kind) => kind switch
    {
        PriceKind.CacheRead or PriceKind.CacheWrite5m => PriceKind.Input,
        PriceKind.InputAudio or PriceKind.InputImage or PriceKind.InputVideo => PriceKind.Input,
        PriceKind.CacheWrite1h => PriceKind.CacheWrite5m,
        PriceKind.CacheAudioRead or PriceKind.CacheImageRead => PriceKind.CacheRead,
        PriceKind.Reasoning or PriceKind.Citation => PriceKind.Output,
        PriceKind.OutputAudio or PriceKind.OutputImage or PriceKind.OutputVideo => PriceKind.Output,
        _ => null,
    };
}
