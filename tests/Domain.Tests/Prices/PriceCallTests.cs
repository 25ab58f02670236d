using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

/// <summary>Costs worked out by hand, each with its sum beside it.</summary>
public sealed class PriceCallTests
{
    private static readonly PriceBook Book = PriceFixture.Book();

    public static TheoryData<string, string, Usage, string> Tokens() => new()
    {
        // 1,000 × 2.5 + 500 × 10, per million: 0.0025 + 0.005
        { "openai", "gpt-4o", new Usage { InputTokens = 1_000, OutputTokens = 500 }, "0.0075" },

        // A dated name that the entry lists: the same.
        { "openai", "gpt-4o-2024-08-06", new Usage { InputTokens = 1_000, OutputTokens = 500 }, "0.0075" },

        // 600 cached × 1.25 + 400 × 2.5 = 0.00075 + 0.001
        { "openai", "gpt-4o", new Usage { InputTokens = 1_000, CacheReadTokens = 600 }, "0.00175" },

        // Reasoning without a price of its own is output: 300 × 10
        { "openai", "gpt-4o", new Usage { OutputTokens = 300, ReasoningTokens = 200 }, "0.003" },

        // Reasoning with one: 100 × 15 + 200 × 20 = 0.0015 + 0.004
        { "x-ai", "grok-4", new Usage { OutputTokens = 300, ReasoningTokens = 200 }, "0.0055" },

        // All kinds of input: 1,000 = 100 base × 3 + 200 read × 0.3 + 300 at 5 min × 3.75 + 400 at 1 h × 6
        // = 0.0003 + 0.00006 + 0.001125 + 0.0024
        {
            "anthropic", "claude-sonnet-4-5-20250929",
            new Usage { InputTokens = 1_000, CacheReadTokens = 200, CacheWrite5mTokens = 300, CacheWrite1hTokens = 400 }, "0.003885"
        },

        // No price for an hour's cache: the five minutes' price. 400 × 1
        { "anthropic", "claude-haiku", new Usage { InputTokens = 400, CacheWrite1hTokens = 400 }, "0.0004" },

        // No price for cached input: the base. 500 × 0.8
        { "anthropic", "claude-haiku", new Usage { InputTokens = 500, CacheReadTokens = 500 }, "0.0004" },

        // Exactly at the threshold is not above it: 200,000 × 3 + 10 × 15
        { "anthropic", "claude-sonnet-4", new Usage { InputTokens = 200_000, OutputTokens = 10 }, "0.60015" },

        // One token above: the whole call at the tier. 200,001 × 6 + 10 × 22.5
        { "anthropic", "claude-sonnet-4", new Usage { InputTokens = 200_001, OutputTokens = 10 }, "1.200231" },

        // Cached input counts for the threshold: 150,001 cached × 0.6 + 50,000 × 6
        { "anthropic", "claude-sonnet-4", new Usage { InputTokens = 200_001, CacheReadTokens = 150_001 }, "0.3900006" },

        // Web searches on the model's own entry: 3 × 0.01 + 100 × 3
        { "anthropic", "claude-sonnet-4", new Usage { InputTokens = 100, WebSearches = 3 }, "0.0303" },

        // … and on the provider's: 2 × 0.01 + 100 × 2.5
        { "openai", "gpt-4o", new Usage { InputTokens = 100, WebSearches = 2 }, "0.02025" },

        // Audio in 50 × 32, image in 20 × 5, text 30 × 4; audio out 10 × 64, image out 5 × 40, text out 5 × 16
        // = 0.0016 + 0.0001 + 0.00012 + 0.00064 + 0.0002 + 0.00008
        {
            "openai", "gpt-realtime",
            new Usage
            {
                InputTokens = 100, InputAudioTokens = 50, InputImageTokens = 20,
                OutputTokens = 20, OutputAudioTokens = 10, OutputImageTokens = 5,
            },
            "0.00274"
        },

        // Cached and audio add up to 120 of 100: 20 of them are cached audio. 20 × 0.8 + 30 audio × 32 + 50 cached × 0.4
        // = 0.000016 + 0.00096 + 0.00002
        { "openai", "gpt-realtime", new Usage { InputTokens = 100, InputAudioTokens = 50, CacheReadTokens = 70 }, "0.000996" },

        // Cached 80, audio 10, image 20 of 90: 10 cached audio and 10 cached image. 10 × 0.8 + 10 × 0.5 + 60 × 0.4 + 10 image × 5
        // = 0.000008 + 0.000005 + 0.000024 + 0.00005
        {
            "openai", "gpt-realtime",
            new Usage { InputTokens = 90, InputAudioTokens = 10, InputImageTokens = 20, CacheReadTokens = 80 }, "0.000087"
        },

        // No price for audio: the base. 1,000 × 2.5
        { "openai", "gpt-4o", new Usage { InputTokens = 1_000, InputAudioTokens = 400 }, "0.0025" },

        // A total that is too small: the parts count. 300 cached × 1.25
        { "openai", "gpt-4o", new Usage { InputTokens = 100, CacheReadTokens = 300 }, "0.000375" },

        // The fee of a request on top of its tokens: 0.012 + 100 × 1 + 100 × 1
        { "perplexity", "sonar", new Usage { InputTokens = 100, OutputTokens = 100 }, "0.0122" },

        // … and of three requests.
        { "perplexity", "sonar", new Usage { InputTokens = 100, OutputTokens = 100, Requests = 3 }, "0.0362" },

        // How many requests it took is nothing where there is no fee.
        { "openai", "gpt-4o", new Usage { InputTokens = 1_000, Requests = 4 }, "0.0025" },

        // 3 × 0.08333333333333334 millionths = 0.00000025000000000000002: rounds to 250 nano-dollars
        { "google", "gemini-2-flash", new Usage { InputTokens = 3 }, "0.00000025" },

        // 10 tokens × 0.15 millionths = 1,500 nano-dollars exactly; 1 token × 0.075 = 75
        { "openai", "gpt-4o-mini-2024-07-18", new Usage { InputTokens = 11, CacheReadTokens = 1 }, "0.000001575" },

        // A free model is priced, at zero.
        { "openai", "gpt-free", new Usage { InputTokens = 1_000, OutputTokens = 1_000 }, "0" },

        // A provider serves another's model at the other's price: 1,000 × 2.5
        { "azure", "gpt-4o-2024-05-13", new Usage { InputTokens = 1_000 }, "0.0025" },

        // … but at its own where it has one: 1,000 × 30
        { "azure", "gpt-4", new Usage { InputTokens = 1_000 }, "0.03" },

        // More than a 64-bit product: 9 × 10¹⁴ tokens × 2.5 = 2,250,000,000 dollars
        { "openai", "gpt-4o", new Usage { InputTokens = 900_000_000_000_000 }, "2250000000" },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Price_Tokens_CostsWhatTheHandSays(string provider, string model, Usage usage, string dollars)
    {
        var price = Book.Price(Call(provider, model, usage));

        Assert.Equal(PriceOutcome.Priced, price.Outcome);
        Assert.Equal(Dollars(dollars), price.Cost);
        Assert.Equal(7, price.Version);
    }

    public static TheoryData<string, string, string, string> Times() => new()
    {
        // 1,000,000 tokens in at the price of the day; o3 became cheaper on 10 June 2025.
        { "openai", "o3", "2025-06-09T23:59:59.9999999Z", "10" },
        { "openai", "o3", "2025-06-10T00:00:00Z", "2" },
        { "openai", "o3", "2025-06-10T01:00:00+02:00", "10" },

        // By day at 0.27, else 0.135; the window is half open.
        { "deepseek", "deepseek-chat", "2026-09-15T00:29:59Z", "0.135" },
        { "deepseek", "deepseek-chat", "2026-09-15T00:30:00Z", "0.27" },
        { "deepseek", "deepseek-chat", "2026-09-15T16:29:59Z", "0.27" },
        { "deepseek", "deepseek-chat", "2026-09-15T16:30:00Z", "0.135" },
        { "deepseek", "deepseek-chat", "2026-09-15T18:00:00+02:00", "0.27" },

        // A window over midnight.
        { "deepseek", "deepseek-night", "2026-09-15T21:59:59Z", "2" },
        { "deepseek", "deepseek-night", "2026-09-15T22:00:00Z", "1" },
        { "deepseek", "deepseek-night", "2026-09-15T05:59:59Z", "1" },
        { "deepseek", "deepseek-night", "2026-09-15T06:00:00Z", "2" },
    };

    [Theory]
    [MemberData(nameof(Times))]
    public void Price_DatedPrices_UsesWhatHeldThen(string provider, string model, string at, string dollars)
    {
        var call = Call(provider, model, new Usage { InputTokens = 1_000_000 }) with { OccurredAt = DateTimeOffset.Parse(at) };

        Assert.Equal(Dollars(dollars), Book.Price(call).Cost);
    }

    [Fact]
    public void Price_OutsideOfEveryPeriod_KeepsTheClientsFigure()
    {
        var call = Call("openai", "gpt-old", new Usage { InputTokens = 1_000 }) with { ClientCost = new Usd(42) };

        var price = Book.Price(call);

        Assert.Equal((PriceOutcome.NoPriceAtTime, true, new Usd(42)), (price.Outcome, price.Unpriced, price.Cost));
    }

    [Theory]
    [InlineData("0.5", "0.00375")]
    [InlineData("1", "0.0075")]
    [InlineData("0.333333333333333333", "0.0025")]
    [InlineData("0.0000001", "0.000000001")]
    public void Price_Discount_ScalesOnceAndRoundsOnce(string discount, string dollars)
    {
        var call = Call("openai", "gpt-4o", new Usage { InputTokens = 1_000, OutputTokens = 500 });

        Assert.Equal(Dollars(dollars), Book.Price(call with { Discount = decimal.Parse(discount) }).Cost);
    }

    [Theory]
    [InlineData(1, 50, "0.000000002")] // 2.5 nano-dollars: half goes to the even 2
    [InlineData(3, 50, "0.000000008")] // 7.5: to the even 8
    [InlineData(5, 50, "0.000000012")] // 12.5: to the even 12
    public void Price_HalfANanoDollar_GoesToTheEven(long tokens, long thousandths, string dollars)
    {
        // 50 nano-dollars a token, times 0.050.
        var account = new AccountPrices([new AccountPrice("openai", "gpt-4o", Period((PriceKind.Input, 0.05m, 1_000_000)))]);
        var call = Call("openai", "gpt-4o", new Usage { InputTokens = tokens }) with { Discount = thousandths / 1000m };

        Assert.Equal(Dollars(dollars), Book.Price(call, account).Cost);
    }

    [Fact]
    public void Price_MoreThanMoneyHolds_KeepsTheClientsFigure()
    {
        var price = Book.Price(Call("openai", "gpt-4o", new Usage { InputTokens = long.MaxValue, OutputTokens = long.MaxValue }));

        Assert.Equal((PriceOutcome.OutOfRange, true, Usd.Zero), (price.Outcome, price.Unpriced, price.Cost));
    }

    [Fact]
    public void Price_EveryKindAtTheLargestNumber_NeverThrows()
    {
        var usage = new Usage
        {
            InputTokens = long.MaxValue, OutputTokens = long.MaxValue, CacheReadTokens = long.MaxValue, CacheWrite5mTokens = long.MaxValue,
            CacheWrite1hTokens = long.MaxValue, ReasoningTokens = long.MaxValue, InputAudioTokens = long.MaxValue,
            OutputAudioTokens = long.MaxValue, InputImageTokens = long.MaxValue, OutputImageTokens = long.MaxValue,
            Requests = long.MaxValue, WebSearches = long.MaxValue, ReadUnits = long.MaxValue, WriteUnits = long.MaxValue,
            Characters = long.MaxValue, Seconds = decimal.MaxValue, Images = long.MaxValue, Gb = decimal.MaxValue,
        };
        foreach (var entry in Book.Entries)
        {
            var endpoint = entry.Endpoints.FirstOrDefault().Name ?? "chat";
            var call = Call(entry.Provider, entry.Model, usage, endpoint) with { Discount = 0.1234567890123456789012345678m };
            Assert.True(Book.Price(call).Unpriced, entry.Id);
            Assert.True(Book.Explain(call).Price.Unpriced, entry.Id);
        }
    }

    internal static PricePeriod Period(params (PriceKind Kind, decimal Usd, int Per)[] rates) =>
        new(new RateTable(rates.Select(rate => KeyValuePair.Create(rate.Kind, Rate.Flat(rate.Usd, rate.Per)))));
}
