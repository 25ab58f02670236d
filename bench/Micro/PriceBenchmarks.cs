using BenchmarkDotNet.Attributes;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Bench.Micro;

/// <summary>Prices by the shipped book, for names that were seen before.</summary>
[MemoryDiagnoser]
public class PriceBenchmarks
{
    private readonly PriceBook _book = ShippedPriceBook.Load();

    private readonly PricedCall _call = new()
    {
        Provider = "openai",
        Model = "gpt-4o-2024-08-06",
        Endpoint = "chat",
        Kind = SpanKind.Llm,
        Usage = new Usage { InputTokens = 1_234, OutputTokens = 567, CacheReadTokens = 100 },
        OccurredAt = new DateTimeOffset(2026, 3, 1, 9, 30, 0, TimeSpan.Zero),
    };

    [Benchmark]
    public string Canonical_DatedName_Resolves() => _book.Canonical("openai", "gpt-4o-2024-08-06");

    [Benchmark]
    public CallPrice Price_CachedInput_Computes() => _book.Price(_call);

    /// <summary>What a hold of ten minutes sets aside.</summary>
    [Benchmark]
    public CallPrice UpperBound_TenMinutes_Computes() => _book.UpperBound(_call, _call.OccurredAt.AddMinutes(10));
}
