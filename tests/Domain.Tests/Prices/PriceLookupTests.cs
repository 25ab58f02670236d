using LlmObserve.Domain.Events;
using LlmObserve.Domain.Prices;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class PriceLookupTests
{
    private readonly PriceBook book = Book();

    [Theory]
    [InlineData("openai", "gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("OpenAI", "GPT-4O", "gpt-4o")]
    [InlineData(" openai ", " gpt-4o ", "gpt-4o")]
    [InlineData(null, "gpt-4o-2024-05-13", "gpt-4o")]
    [InlineData("nobody", "gpt-4o-2024-05-13", "gpt-4o")]
    [InlineData("azure", "gpt-4o-2024-05-13", "gpt-4o")]
    [InlineData("vertex-ai", "claude-sonnet-4@20250514", "claude-sonnet")]
    [InlineData("openai", "gpt-4o-2030-01-01", "gpt-4o-2030-01-01")]
    [InlineData("openai", "My-Own-Model", "My-Own-Model")]
    [InlineData("together", "META-LLAMA/llama-3", "meta-llama/Llama-3")]
    [InlineData(null, "meta-llama/llama-3", "meta-llama/Llama-3")]
    [InlineData("openai", null, "")]
    [InlineData("openai", "  ", "")]
    [InlineData("pinecone", "my-index", "my-index")]
    public void Canonical_Name_IsTheEntrysModelElseTheNameItself(string? provider, string? model, string canonical) =>
        Assert.Equal(canonical, book.Canonical(provider, model));

    [Theory]
    [InlineData("OpenAI", "openai")]
    [InlineData("gemini", "google")]
    [InlineData("Vertex AI", "google")]
    [InlineData("azure-openai", "azure")]
    [InlineData("AzureOpenAI", "azure")]
    [InlineData("xAI", "x-ai")]
    [InlineData("together_ai", "together")]
    [InlineData("My-OpenAI-Proxy", "my-openai-proxy")]
    [InlineData("Nobody", "nobody")]
    [InlineData(null, "")]
    public void Provider_Name_IsTheBooksIdElseItselfInLowerCase(string? name, string id) => Assert.Equal(id, book.Provider(name));

    [Fact]
    public void Price_ProviderThatOnlyItsRuleKnows_IsPricedAsThatProvider() =>
        Assert.Equal("openai/gpt-4o", book.Price(Call("My-OpenAI-Proxy", "gpt-4o", new Usage { InputTokens = 1 })).EntryId);

    [Fact]
    public void Price_AliasThatAlsoFitsAnothersRule_IsTheAlias() =>
        Assert.Equal("azure/gpt-4", book.Price(Call("azure_openai", "gpt-4", new Usage { InputTokens = 1 })).EntryId);

    [Fact]
    public void Price_NoProvider_IsTheMakersElseTheOnlyHosts()
    {
        var usage = new Usage { InputTokens = 1 };

        Assert.Equal("openai/gpt-4o", book.Price(Call(null, "gpt-4o", usage)).EntryId);
        Assert.Equal("together/meta-llama/Llama-3", book.Price(Call(null, "meta-llama/llama-3", usage)).EntryId);
        Assert.Null(TwoHosts().Price(Call(null, "llama", usage)).EntryId);
        Assert.Equal("b/llama", TwoHosts().Price(Call("b", "llama", usage)).EntryId);
    }

    [Fact]
    public void Price_FirstEntryThatCoversTheName_Wins()
    {
        var entries = new[] { "first", "second" }.Select(model => Entry("a", model, MatchRule.Of(MatchKind.StartsWith, "m")));
        var ordered = new PriceBook(1, [new PriceProvider { Id = "a" }], [.. entries]);

        Assert.Equal("a/first", ordered.Price(Call("a", "m-1", new Usage { InputTokens = 1 })).EntryId);
        Assert.Equal("a/second", ordered.Price(Call("a", "second", new Usage { InputTokens = 1 })).EntryId);
    }

    [Fact]
    public void Price_FallbackOfAFallback_IsNotFollowed()
    {
        var chain = new PriceBook(
            1,
            [
                new PriceProvider { Id = "a", Fallback = ["b"] },
                new PriceProvider { Id = "b", Fallback = ["c"] },
                new PriceProvider { Id = "c" },
            ],
            [Entry("b", "of-b"), Entry("c", "of-c")]);

        Assert.Equal("b/of-b", chain.Price(Call("a", "of-b", new Usage { InputTokens = 1 })).EntryId);
        Assert.Null(chain.Price(Call("a", "of-c", new Usage { InputTokens = 1 })).EntryId);
    }

    [Fact]
    public void RuleIndex_AnyName_FindsWhatTryingEveryRuleFinds()
    {
        var entries = ShippedPriceBook.Load().Entries.Where(entry => entry.Match is not null).ToArray();
        var index = new RuleIndex(entries);
        var names = entries.Where((_, i) => i % 9 == 0).SelectMany(entry => new[] { entry.Model, $"{entry.Model}-2026-01-01", $"x{entry.Model.ToUpperInvariant()}" });

        Assert.All(names.Append("").Append("nobody"), name =>
            Assert.Equal(entries.Where(entry => entry.Match!.Matches(name)), index.Covering(name)));
    }

    [Theory]
    [InlineData("openai", "gpt-4o-2024-08-06", true)]
    [InlineData("Azure-OpenAI", "gpt-4o", true)]
    [InlineData(null, "gpt-4o", true)]
    [InlineData("openai", "gpt-99", false)]
    [InlineData(null, "gpt-99", false)]
    [InlineData("nobody", "gpt-4o", false)]
    [InlineData("weaviate", "any-index", true)]
    [InlineData("pinecone", "any-index", false)]
    [InlineData("pinecone", null, false)]
    public void Knows_ProviderAndModel_IsWhetherAModelsCallHasAPrice(string? provider, string? model, bool known) =>
        Assert.Equal(known, book.Knows(provider, model));

    [Fact]
    public void Lookup_NamesSeenBefore_AllocatesNothing()
    {
        var account = new AccountPrices([new AccountPrice("openai", "gpt-4o", PriceCallTests.Period((PriceKind.Input, 2m, 1_000_000)))]);
        var llm = Call("OpenAI", "gpt-4o-2024-08-06", new Usage { InputTokens = 1_000, CacheReadTokens = 10, OutputTokens = 500 });
        var vector = Call("pinecone", null, Usage.None, "Index.query", SpanKind.VectorDb);
        Use();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Use();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use()
        {
            _ = book.Provider("OpenAI");
            _ = book.Canonical("OpenAI", "gpt-4o-2024-08-06");
            _ = book.Canonical(null, "gpt-4o-2024-08-06");
            _ = book.Canonical("openai", "nobody-knows");
            _ = book.Knows("openai", "gpt-4o-2024-08-06");
            _ = book.Knows("openai", "nobody-knows");
            _ = book.Price(llm);
            _ = book.Price(llm, account);
            _ = book.Price(vector);
        }
    }

    [Fact]
    public void Lookup_FloodOfNames_HoldsABoundedNumberAndKeepsWorking()
    {
        var cache = new NameCache<string>();
        for (var i = 0; i < (NameCache<string>.MaxNames * 3) + 7; i++)
        {
            Assert.Equal($"p/m{i}", cache.GetOrAdd("p", $"m{i}", 0, static (_, provider, model) => $"{provider}/{model}"));
            Assert.Equal("p/used", cache.GetOrAdd("p", "used", 0, static (_, provider, model) => $"{provider}/{model}"));
        }

        Assert.InRange(cache.Count, 1, NameCache<string>.MaxNames * 2);
    }

    [Fact]
    public void Lookup_NameInUseThroughAFlood_IsNotResolvedAgain()
    {
        var cache = new NameCache<string>();
        var kept = cache.GetOrAdd("p", "used", 0, static (_, _, _) => new string('x', 1));
        for (var i = 0; i < NameCache<string>.MaxNames * 3; i++)
        {
            cache.GetOrAdd("p", $"m{i}", 0, static (_, _, _) => "");
            Assert.Same(kept, cache.GetOrAdd("p", "used", 0, static (_, _, _) => new string('x', 1)));
        }
    }

    [Fact]
    public void Lookup_NameTooLongToBeOne_IsResolvedButNotKept()
    {
        var cache = new NameCache<string>();

        Assert.Equal("long", cache.GetOrAdd("p", new string('m', NameCache<string>.MaxNameLength + 1), 0, static (_, _, _) => "long"));
        Assert.Equal(0, cache.Count);
        Assert.Equal(new string('m', 5_000), book.Canonical("openai", new string('m', 5_000)));
    }

    [Fact]
    public void Lookup_ManyThreads_AgreeOnEveryName()
    {
        Parallel.For(0, 2_000, i =>
        {
            Assert.Equal("gpt-4o", book.Canonical(i % 2 == 0 ? "openai" : null, i % 3 == 0 ? "gpt-4o" : "gpt-4o-2024-08-06"));
            Assert.Equal($"m{i % 50}", book.Canonical("openai", $"m{i % 50}"));
        });
    }

    private static PriceBook TwoHosts() => new(
        1, [new PriceProvider { Id = "a" }, new PriceProvider { Id = "b" }], [Entry("a", "llama"), Entry("b", "llama")]);

    private static PriceEntry Entry(string provider, string model, MatchRule? match = null) => new()
    {
        Id = $"{provider}/{model}",
        Provider = provider,
        Model = model,
        Match = match ?? MatchRule.Of(MatchKind.Equals, model),
        Periods = [PriceCallTests.Period((PriceKind.Input, 1m, 1_000_000))],
        Source = "https://example.com",
        AsOf = new DateOnly(2026, 8, 21),
    };
}
