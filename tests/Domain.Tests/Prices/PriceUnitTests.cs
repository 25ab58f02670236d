using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

/// <summary>What is not tokens, and what a call need not say.</summary>
public sealed class PriceUnitTests
{
    private static readonly PriceBook Book = PriceFixture.Book();

    [Theory]
    [InlineData("query", "0.000016")]
    [InlineData("Index.Query", "0.000016")]
    [InlineData("/vectors/fetch", "0.000016")]
    [InlineData("upsert", "0.000004")]
    public void Price_VectorCallThatSaysNothing_IsOneUnitOfItsEndpoint(string endpoint, string dollars)
    {
        var price = Book.Price(Call("pinecone", null, Usage.None, endpoint, SpanKind.VectorDb));

        Assert.Equal((PriceOutcome.Priced, Dollars(dollars), "pinecone/standard"), (price.Outcome, price.Cost, price.EntryId));
    }

    [Fact]
    public void Price_VectorCallWithUnits_CountsThem()
    {
        // 1,000 read units × 16 and 500 written × 4, per million
        var usage = new Usage { ReadUnits = 1_000, WriteUnits = 500 };

        Assert.Equal(Dollars("0.018"), Book.Price(Call("pinecone", null, usage, "query", SpanKind.VectorDb)).Cost);
    }

    [Fact]
    public void Price_VectorCallWithRequests_IsAUnitEach() =>
        Assert.Equal(Dollars("0.000048"), Book.Price(Call("pinecone", null, new Usage { Requests = 3 }, "query", SpanKind.VectorDb)).Cost);

    [Theory]
    [InlineData("unknown")]
    [InlineData("describe_index")]
    [InlineData("")]
    public void Price_EndpointThatTheBookDoesNotKnow_IsUnpriced(string endpoint)
    {
        var price = Book.Price(Call("pinecone", null, Usage.None, endpoint, SpanKind.Api) with { ClientCost = new Usd(5) });

        Assert.Equal((PriceOutcome.UnknownModel, true, new Usd(5)), (price.Outcome, price.Unpriced, price.Cost));
        Assert.Null(price.EntryId);
    }

    [Theory]
    [InlineData("near_text", 0, 0, 0, "0.00000025")]
    [InlineData("insert_many", 8, 0, 0, "0.000002")]
    [InlineData("insert_many", 0, 4, 6, "0.0000025")]
    public void Price_ServiceThatChargesOperations_CountsRequestsElseUnitsElseOne(
        string endpoint, long requests, long reads, long writes, string dollars)
    {
        var usage = new Usage { Requests = requests, ReadUnits = reads, WriteUnits = writes };

        Assert.Equal(Dollars(dollars), Book.Price(Call("weaviate", null, usage, endpoint, SpanKind.VectorDb)).Cost);
    }

    [Fact]
    public void Price_UnnamedRequestToAServiceThatChargesOperations_IsUnpriced() =>
        Assert.Equal(PriceOutcome.UnknownModel, Book.Price(Call("weaviate", null, Usage.None, "unknown", SpanKind.Api)).Outcome);

    [Fact]
    public void Price_SecondsAtAPriceByTheMinute_IsExact()
    {
        // 100 s × 0.006 / 60 = 0.01; 0.7 s × 0.006 / 60 = 0.00007; 1 s × 0.0077 / 60 = 0.00012833…
        Assert.Equal(Dollars("0.01"), Book.Price(Call("openai", "whisper-1", new Usage { Seconds = 100 })).Cost);
        Assert.Equal(Dollars("0.00007"), Book.Price(Call("openai", "whisper-1", new Usage { Seconds = 0.7m })).Cost);
        var streamed = Call("deepgram", "nova-3", new Usage { Seconds = 1 }) with { IsStreaming = true };
        Assert.Equal(Dollars("0.000128333"), Book.Price(streamed).Cost);
    }

    [Fact]
    public void Price_AudioDuration_CountsWhereThePriceIsByTheSecond()
    {
        var call = Call("openai", "whisper-1", Usage.None) with { AudioSeconds = 60.5m };

        Assert.Equal(Dollars("0.00605"), Book.Price(call).Cost);
        Assert.Equal(Dollars("0.01"), Book.Price(call with { Usage = new Usage { Seconds = 100 } }).Cost);
        Assert.Equal(PriceOutcome.NoUsage, Book.Price(Call("elevenlabs", "turbo", Usage.None) with { AudioSeconds = 3 }).Outcome);
    }

    [Fact]
    public void Price_StreamedCallOrLiveEndpoint_HasThePriceOfStreaming()
    {
        var call = Call("deepgram", "nova-3-medical", new Usage { Seconds = 60 }, "listen");

        Assert.Equal(("deepgram/nova-3", Dollars("0.0043")), (Book.Price(call).EntryId, Book.Price(call).Cost));
        Assert.Equal("deepgram/nova-3-streaming", Book.Price(call with { IsStreaming = true }).EntryId);
        Assert.Equal(Dollars("0.0077"), Book.Price(call with { Endpoint = "listen.live" }).Cost);
        Assert.Equal("nova-3", Book.Canonical("deepgram", "nova-3-medical"));
    }

    [Fact]
    public void Price_CharactersImagesGigabytesMessages_AtTheirUnit()
    {
        Assert.Equal(Dollars("0.045"), Book.Price(Call("elevenlabs", "turbo", new Usage { Characters = 250 })).Cost);
        Assert.Equal(Dollars("0.13"), Book.Price(Call("stability", "sd-3", new Usage { Images = 2 })).Cost);
        Assert.Equal(Dollars("0.065"), Book.Price(Call("stability", "sd-3", Usage.None)).Cost);
        Assert.Equal(Dollars("0.825"), Book.Price(Call("pinecone", null, new Usage { Gb = 2.5m }, "storage", SpanKind.Api)).Cost);
        Assert.Equal(Dollars("0.0075"), Book.Price(Call("twilio", null, Usage.None, "sms", SpanKind.Api)).Cost);
        Assert.Equal(Dollars("0.01"), Book.Price(Call("openai", "gpt-4o", Usage.None, "web_search", SpanKind.Api)).Cost);
    }

    [Fact]
    public void Price_ShareOfAnAmount_IsUnpricedBecauseNoEventStatesTheAmount()
    {
        var price = Book.Price(Call("stripe", null, Usage.None, "payment", SpanKind.Api) with { ClientCost = Dollars("1.75") });

        Assert.Equal((PriceOutcome.NeedsAmount, true, Dollars("1.75")), (price.Outcome, price.Unpriced, price.Cost));
        Assert.Equal("stripe/payment", price.EntryId);
    }

    [Fact]
    public void Price_KindWithoutAPrice_IsUnpricedAndTheClientsFigureIsNotDiscounted()
    {
        var call = Call("openai", "text-embedding", new Usage { InputTokens = 10, OutputTokens = 1 });

        var price = Book.Price(call with { ClientCost = new Usd(9), Discount = 0.5m });

        Assert.Equal((PriceOutcome.NoPriceForKind, new Usd(9)), (price.Outcome, price.Cost));
        Assert.True(Book.Price(Call("openai", "gpt-4o", new Usage { InputTokens = 10, Images = 1 })).Unpriced);
        Assert.True(Book.Price(Call("anthropic", "claude-haiku", new Usage { InputTokens = 10, WebSearches = 1 })).Unpriced);
    }

    [Fact]
    public void Price_UnknownModelOrProvider_KeepsTheClientsFigureAndIsFlagged()
    {
        foreach (var (provider, model) in new[] { ("openai", "gpt-99"), ("nobody", "gpt-4o"), ("openai", "unknown") })
        {
            var call = Call(provider, model, new Usage { InputTokens = 10 });
            var claimed = Book.Price(call with { ClientCost = new Usd(3) });
            Assert.Equal((Usd.Zero, true), (Book.Price(call).Cost, Book.Price(call).Unpriced));
            Assert.Equal((new Usd(3), true), (claimed.Cost, claimed.Unpriced));
        }
    }

    [Fact]
    public void Price_SuccessWithoutUsage_IsUnpricedNotSilentlyZero()
    {
        var price = Book.Price(Call("openai", "gpt-4o", Usage.None) with { ClientCost = new Usd(77) });

        var free = Book.Price(Call("openai", "gpt-free", Usage.None));
        Assert.Equal((PriceOutcome.NoUsage, true, new Usd(77)), (price.Outcome, price.Unpriced, price.Cost));
        Assert.Equal((PriceOutcome.Priced, Usd.Zero), (free.Outcome, free.Cost));
    }

    [Fact]
    public void Price_FailureWithoutUsage_CostsNothing()
    {
        var byEndpoint = Book.Price(Call("openai", null, Usage.None, "error", SpanKind.Api));
        var byStatus = Book.Price(Call("pinecone", null, Usage.None, "query", SpanKind.VectorDb) with { IsError = true });

        Assert.Equal((PriceOutcome.NothingUsed, false, Usd.Zero), (byEndpoint.Outcome, byEndpoint.Unpriced, byEndpoint.Cost));
        Assert.Equal((PriceOutcome.NothingUsed, false, Usd.Zero), (byStatus.Outcome, byStatus.Unpriced, byStatus.Cost));
    }

    [Fact]
    public void Price_FailureThatStatesUsageOrACost_IsNotTakenForNothing()
    {
        var used = Book.Price(Call("openai", "gpt-4o", new Usage { InputTokens = 1_000 }) with { IsError = true });
        var claimed = Book.Price(Call("openai", "gpt-4o", Usage.None) with { IsError = true, ClientCost = new Usd(8) });

        Assert.Equal((PriceOutcome.Priced, Dollars("0.0025")), (used.Outcome, used.Cost));
        Assert.Equal((true, new Usd(8)), (claimed.Unpriced, claimed.Cost));
    }

    [Fact]
    public void Price_SpanThatIsNoCall_CostsNothingUnlessItClaimsTo()
    {
        var span = Call("internal", null, Usage.None, "tool", SpanKind.Other);

        Assert.Equal((PriceOutcome.NothingUsed, false), (Book.Price(span).Outcome, Book.Price(span).Unpriced));
        Assert.True(Book.Price(span with { ClientCost = new Usd(1) }).Unpriced);
        Assert.Equal(PriceOutcome.UnknownModel, Book.Price(span with { Usage = new Usage { InputTokens = 1 } }).Outcome);
    }

    [Fact]
    public void Explain_Call_SaysWhatEachPartCostAndWhere()
    {
        var usage = new Usage { InputTokens = 1_000, CacheReadTokens = 600, OutputTokens = 300, ReasoningTokens = 200, WebSearches = 1 };

        var why = Book.Explain(Call("openai", "gpt-4o-2024-08-06", usage) with { Discount = 0.5m });

        Assert.Equal(
            [
                (PriceKind.Input, 400m, PriceKind.Input, 0.001m, "openai/gpt-4o"),
                (PriceKind.Output, 100m, PriceKind.Output, 0.001m, "openai/gpt-4o"),
                (PriceKind.CacheRead, 600m, PriceKind.CacheRead, 0.00075m, "openai/gpt-4o"),
                (PriceKind.Reasoning, 200m, PriceKind.Output, 0.002m, "openai/gpt-4o"),
                (PriceKind.WebSearches, 1m, PriceKind.WebSearches, 0.01m, "openai/web-search"),
            ],
            why.Lines.Select(line => (line.Kind, line.Quantity, line.PricedAs, line.Amount, line.EntryId!)));
        Assert.Equal(("gpt-4o", 0.5m, "https://example.com/o"), (why.CanonicalModel, why.Discount, why.Source));
        Assert.Equal(Dollars("0.007375"), why.Price.Cost);
        Assert.Equal(why.Price.Cost, Usd.FromDollars(why.Lines.Sum(line => line.Amount) * why.Discount));
    }
}
