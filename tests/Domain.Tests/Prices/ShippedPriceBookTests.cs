using System.Text;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Prices;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class ShippedPriceBookTests
{
    private static readonly PriceBook Book = ShippedPriceBook.Load();

    /// <summary>Every unit price: provider, model, endpoint, streamed, the unit, how many, and what they cost together.</summary>
    public static TheoryData<string, string?, string, bool, string, double, string> Units() => new()
    {
        { "pinecone", null, "query", false, "read_units", 1e6, "16" },
        { "pinecone", null, "fetch", false, "read_units", 1e6, "16" },
        { "pinecone", null, "list", false, "read_units", 1e6, "16" },
        { "pinecone", null, "upsert", false, "write_units", 1e6, "4" },
        { "pinecone", null, "update", false, "write_units", 1e6, "4" },
        { "pinecone", null, "delete", false, "write_units", 1e6, "4" },
        { "pinecone", "enterprise", "query", false, "read_units", 1e6, "24" },
        { "pinecone", "enterprise", "upsert", false, "write_units", 1e6, "6" },
        { "pinecone", null, "storage", false, "gb", 1, "0.33" },
        { "pinecone", null, "backup", false, "gb", 1, "0.1" },
        { "pinecone", null, "restore", false, "gb", 1, "0.15" },
        { "pinecone", null, "import", false, "gb", 1, "1" },
        { "pinecone", "llama-text-embed-v2", "embed", false, "input_tokens", 1e6, "0.16" },
        { "pinecone", "multilingual-e5-large", "embed", false, "input_tokens", 1e6, "0.08" },
        { "pinecone", "bge-reranker-v2-m3", "rerank", false, "requests", 1e3, "2" },
        { "weaviate", null, "hybrid", false, "requests", 1e6, "0.25" },
        { "qdrant", null, "search", false, "requests", 1e6, "0.4" },
        { "milvus", null, "search", false, "requests", 1e6, "0.3" },
        { "chroma", null, "query", false, "requests", 1e6, "0.2" },
        { "mongodb_atlas", null, "vector_search", false, "requests", 1e6, "0.3" },
        { "redis", null, "search", false, "requests", 1e6, "0.2" },
        { "openai", "whisper-1", "audio.transcriptions", false, "seconds", 60, "0.006" },
        { "openai", null, "web_search", false, "web_searches", 1e3, "10" },
        { "openai", null, "file_search", false, "requests", 1e3, "2.5" },
        { "openai", null, "code_interpreter", false, "requests", 1, "0.03" },
        { "openai", "sora-2", "videos", false, "seconds", 1, "0.1" },
        { "openai", "dall-e-3", "images.generate", false, "images", 1, "0.04" },
        { "openai", "tts-1", "audio.speech", false, "characters", 1e6, "15" },
        { "openai", "tts-1-hd", "audio.speech", false, "characters", 1e6, "30" },
        { "elevenlabs", "eleven_multilingual_v2", "tts", false, "characters", 1e3, "0.24" },
        { "elevenlabs", "eleven_v3", "tts", false, "characters", 1e3, "0.24" },
        { "elevenlabs", "eleven_turbo_v2", "tts", false, "characters", 1e3, "0.18" },
        { "elevenlabs", "eleven_flash_v2", "tts", false, "characters", 1e3, "0.12" },
        { "elevenlabs", "eleven_flash_v2_5", "tts", false, "characters", 1e3, "0.12" },
        { "elevenlabs", "scribe_v1", "stt", false, "seconds", 60, "0.0067" },
        { "deepgram", "nova-3", "listen", true, "seconds", 60, "0.0077" },
        { "deepgram", "nova-3", "listen", false, "seconds", 60, "0.0043" },
        { "deepgram", "nova-2", "listen", true, "seconds", 60, "0.0058" },
        { "deepgram", "aura-2-thalia-en", "speak", false, "characters", 1e3, "0.03" },
        { "cartesia", "sonic-2", "tts", false, "characters", 1e3, "0.031" },
        { "cartesia", "ink-whisper", "stt", false, "seconds", 60, "0.00186" },
        { "assemblyai", "universal", "transcript", false, "seconds", 60, "0.0025" },
        { "twilio", null, "sms", false, "requests", 1, "0.0075" },
        { "twilio", null, "outbound_call", false, "seconds", 60, "0.014" },
        { "twilio", null, "inbound_call", false, "seconds", 60, "0.0085" },
        { "sendgrid", null, "mail.send", false, "requests", 1e3, "0.95" },
        { "stability", "sd-xl", "generate", false, "images", 1, "0.011" },
        { "stability", "sd-3", "generate", false, "images", 1, "0.065" },
    };

    [Theory]
    [MemberData(nameof(Units))]
    public void Price_UnitOfThePricePage_CostsWhatThePageSays(
        string provider, string? model, string endpoint, bool streamed, string unit, double quantity, string dollars)
    {
        var many = (long)quantity;
        var usage = unit switch
        {
            "read_units" => new Usage { ReadUnits = many },
            "write_units" => new Usage { WriteUnits = many },
            "gb" => new Usage { Gb = many },
            "input_tokens" => new Usage { InputTokens = many },
            "requests" => new Usage { Requests = many },
            "web_searches" => new Usage { WebSearches = many },
            "seconds" => new Usage { Seconds = many },
            "images" => new Usage { Images = many },
            "characters" => new Usage { Characters = many },
            _ => throw new ArgumentOutOfRangeException(nameof(unit)),
        };

        var price = Book.Price(Call(provider, model, usage, endpoint, SpanKind.Api) with { IsStreaming = streamed });

        Assert.Equal((PriceOutcome.Priced, Dollars(dollars)), (price.Outcome, price.Cost));
    }

    [Fact]
    public void Price_Payment_KeepsItsPercentInTheBookAndNeedsTheAmount()
    {
        var rates = Book.Entry("stripe/payment")!.RatesAt(Now)!;

        Assert.Equal((2.9m, 0.3m), (rates.PercentOfAmount, rates[PriceKind.Requests]!.Base.Usd));
        var price = Book.Price(Call("stripe", null, Usage.None, "payment_intents.create", SpanKind.Api));
        Assert.Equal(PriceOutcome.NeedsAmount, price.Outcome);
    }

    [Fact]
    public void Price_BatchNova2_IsUnpricedBecauseThePageHasOnlyStreaming() =>
        Assert.True(Book.Price(Call("deepgram", "nova-2", new Usage { Seconds = 60 }, "listen", SpanKind.Api)).Unpriced);

    [Fact]
    public void Load_Book_HasTheLlmEntriesAndSaysWhereEachIsFromAndSinceWhen()
    {
        Assert.True(Book.Entries.Count(entry => entry.Via == "genai-prices") >= 1_400);
        Assert.All(Book.Entries, entry =>
        {
            Assert.StartsWith("https://", entry.Source, StringComparison.Ordinal);
            Assert.InRange(entry.AsOf, new DateOnly(2026, 1, 1), new DateOnly(2036, 1, 1));
            Assert.NotEmpty(entry.Periods);
        });
        Assert.Equal(Book.Entries.Length, Book.Entries.Select(entry => entry.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(ShippedPriceBook.Version, Book.Version);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("openai", "gpt-4o-2024-11-20", "gpt-4o")]
    [InlineData("openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini")]
    [InlineData("azure_openai", "gpt-4o-2024-05-13", "gpt-4o")]
    [InlineData("openai", "gpt-5-2025-08-07", "gpt-5")]
    [InlineData("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5")]
    public void Canonical_DatedNameOfAProvider_IsItsFamilyWithAndWithoutTheProvider(string provider, string model, string canonical)
    {
        Assert.Equal(canonical, Book.Canonical(provider, model));
        Assert.Equal(canonical, Book.Canonical(null, model));
    }

    [Fact]
    public void Canonical_NameThatAnEventHasBeenGiven_StaysItself()
    {
        // A cap on a name that a page shows counts the calls that the page shows: with the provider, and without it as in a check.
        Assert.All(Book.Entries.Where(entry => entry.Match is not null), entry =>
        {
            var shown = Book.Canonical(entry.Provider, entry.Model);
            Assert.Equal(shown, Book.Canonical(null, shown));
            Assert.Equal(shown, Book.Canonical(entry.Provider, shown));
        });
    }

    [Fact]
    public void Load_Book_HoldsEveryHandWrittenEntryAndAlias()
    {
        // Whoever edits Book/units.json has to make Book/prices.json anew.
        using var stream = typeof(PriceBook).Assembly.GetManifestResourceStream("prices/units.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var units = PriceBookJson.Read(bytes, 0);

        Assert.All(units.Entries, unit => Assert.Equal(PriceBookJson.Line(unit), PriceBookJson.Line(Book.Entry(unit.Id)!)));
        Assert.All(units.Providers, unit =>
            Assert.Equal(unit.Aliases.AsEnumerable(), Book.Providers.Single(provider => provider.Id == unit.Id).Aliases));
    }

    [Fact]
    public void Build_PublicData_GivesTheBookWithTheUnits()
    {
        var (json, report) = ShippedPriceBook.Build(Encoding.UTF8.GetBytes(ImportFixture.Json), new DateOnly(2026, 8, 21));

        var built = PriceBookJson.Read(json, 1);
        Assert.Equal(built.Entries.Length, report.Added.Length + report.Kept);
        Assert.NotNull(built.Entry("makers/plain"));
        Assert.NotNull(built.Entry("pinecone/standard"));
    }

    [Fact]
    public void Json_WrittenAgain_IsTheSameText() => Assert.Equal(ShippedPriceBook.Json(), PriceBookJson.Write(Book));
}
