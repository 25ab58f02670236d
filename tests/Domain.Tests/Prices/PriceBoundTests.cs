using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class PriceBoundTests
{
    private static readonly PriceBook Book = PriceFixture.Book();

    /// <summary>0.0025 in and 0.005 out.</summary>
    private static readonly PricedCall Plain = Call("openai", "gpt-4o", new Usage { InputTokens = 1_000, OutputTokens = 500 });

    [Fact]
    public void UpperBound_PlainModel_IsThePriceOfAllItsOutput() =>
        Assert.Equal(Dollars("0.0075"), Book.UpperBound(Plain, Now.AddMinutes(10)).Cost);

    [Fact]
    public void UpperBound_DearerReasoning_TakesAllOutputForReasoning() =>
        Assert.Equal(Dollars("0.02"), Book.UpperBound(Call("x-ai", "grok-4", new Usage { OutputTokens = 1_000 }), Now).Cost);

    [Theory]
    [InlineData("2026-09-15T00:20:00Z", 5, "0.135")]
    [InlineData("2026-09-15T00:20:00Z", 10, "0.27")]
    [InlineData("2026-09-15T16:29:00Z", 10, "0.27")]
    [InlineData("2026-09-15T16:30:00Z", 10, "0.135")]
    [InlineData("2026-09-15T16:30:00Z", 600, "0.27")]
    public void UpperBound_PriceThatChangesMeanwhile_IsTheDearest(string at, int minutes, string dollars)
    {
        var call = Call("deepseek", "deepseek-chat", new Usage { InputTokens = 1_000_000 }) with { OccurredAt = DateTimeOffset.Parse(at) };

        Assert.Equal(Dollars(dollars), Book.UpperBound(call, call.OccurredAt.AddMinutes(minutes)).Cost);
    }

    [Fact]
    public void UpperBound_UnknownModel_IsUnpriced() =>
        Assert.True(Book.UpperBound(Call("openai", "gpt-99", new Usage { InputTokens = 1 }), Now).Unpriced);

    [Fact]
    public void UpperBound_PriceThatEndsMeanwhile_IsUnpriced()
    {
        var lastMinutes = new DateTimeOffset(2024, 12, 31, 23, 55, 0, TimeSpan.Zero);
        var call = Call("openai", "gpt-old", new Usage { InputTokens = 1 }) with { OccurredAt = lastMinutes };

        Assert.False(Book.UpperBound(call, call.OccurredAt.AddMinutes(4)).Unpriced);
        Assert.True(Book.UpperBound(call, call.OccurredAt.AddMinutes(5)).Unpriced);
    }

    [Theory]
    [InlineData("0.0075", 500L)]
    [InlineData("1", 500L)]
    [InlineData("0.007499999", 499L)]
    [InlineData("0.00251", 1L)]
    [InlineData("0.002509999", 0L)]
    [InlineData("0.0025", 0L)]
    public void LargestOutput_Headroom_IsTheMostThatFits(string available, long output) =>
        Assert.Equal(output, Book.LargestOutput(Plain, Now, Dollars(available)));

    [Fact]
    public void LargestOutput_NothingFitsOrNothingIsKnown_IsNull()
    {
        Assert.Null(Book.LargestOutput(Plain, Now, Dollars("0.002499999")));
        Assert.Null(Book.LargestOutput(Plain with { Model = "gpt-99" }, Now, Dollars("5")));
    }

    [Fact]
    public void LargestOutput_NoInput_CountsFromZero()
    {
        Assert.Equal(0, Book.LargestOutput(Call("openai", "gpt-4o", new Usage { OutputTokens = 500 }), Now, Usd.Zero));
        Assert.Equal(2, Book.LargestOutput(Call("openai", "gpt-4o", new Usage { OutputTokens = 500 }), Now, new Usd(29_999)));
    }

    [Fact]
    public void UpperBound_AnyCallInsideIt_CostsNoMore()
    {
        var models = Gen.Elements(
            ("openai", "gpt-4o"), ("x-ai", "grok-4"), ("deepseek", "deepseek-chat"), ("anthropic", "claude-sonnet-4"),
            ("deepseek", "deepseek-night"));
        var cases =
            from model in models
            from input in Gen.Choose(0, 300_000)
            from output in Gen.Choose(1, 10_000)
            from made in Gen.Choose(0, output)
            from thought in Gen.Choose(0, made)
            from cached in Gen.Choose(0, input)
            from start in Gen.Choose(0, 1_440)
            from length in Gen.Choose(0, 300)
            from end in Gen.Choose(0, length)
            select (model, input, output, made, thought, cached, start, length, end);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var asked = Call(test.model.Item1, test.model.Item2, new Usage { InputTokens = test.input, OutputTokens = test.output })
                with { OccurredAt = Now.AddHours(-12).AddMinutes(test.start) };
            var made = asked with
            {
                OccurredAt = asked.OccurredAt.AddMinutes(test.end),
                Usage = new Usage
                {
                    InputTokens = test.input, CacheReadTokens = test.cached, OutputTokens = test.made, ReasoningTokens = test.thought,
                },
            };
            var bound = Book.UpperBound(asked, asked.OccurredAt.AddMinutes(test.length));
            return !bound.Unpriced && Book.Price(made).Cost <= bound.Cost;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }
}
