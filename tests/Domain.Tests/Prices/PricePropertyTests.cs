using System.Numerics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class PricePropertyTests
{
    private static readonly PriceBook Book = ShippedPriceBook.Load();

    private static readonly JsonElement[] Entries =
        [.. JsonDocument.Parse(ShippedPriceBook.Json()).RootElement.GetProperty("entries").EnumerateArray()];

    /// <summary>What the model alone selects; what an endpoint selects has tests of its own.</summary>
    private static readonly JsonElement[] ByModel =
        [.. Entries.Where(entry => entry.TryGetProperty("match", out _) && !entry.TryGetProperty("endpoints", out _))];

    private static readonly JsonElement OpenAiSearches =
        Entries.Single(entry => entry.GetProperty("id").GetString() == "openai/web-search").GetProperty("prices");

    private static readonly DateTimeOffset First = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<long> Quantity = Gen.Frequency(
        (5, Gen.Constant(0L)),
        (4, Gen.Choose(1, 5_000).Select(n => (long)n)),
        (3, Gen.Choose(1, 400_000).Select(n => (long)n)),
        (1, Gen.Choose(1, int.MaxValue).Select(n => n * 4_001L)));

    private static readonly Gen<decimal> Fraction =
        from part in Gen.Choose(0, int.MaxValue)
        from decimals in Gen.Choose(0, 12)
        select new decimal(part, 0, 0, false, (byte)decimals);

    private static readonly Gen<Case> Cases =
        from entry in Gen.Elements(ByModel)
        from minutes in Gen.Choose(0, 4 * 365 * 24 * 60)
        from tokens in Quantity.ArrayOf(10)
        from searches in Gen.Frequency((6, Gen.Constant(0)), (1, Gen.Choose(1, 9)))
        from unit in Gen.Frequency((9, Gen.Constant("")), (1, Gen.Elements("characters", "images", "seconds", "gb")))
        from amount in Fraction
        from discount in Gen.Elements(1m, 0.5m, 0.25m, 0.9m, 0.3333333333333333333333333333m, 0.0001m)
        select new Case(entry, First.AddMinutes(minutes), tokens, searches, unit, amount, discount);

    [Fact]
    public void Price_AnyUsageOfAnyEntry_IsTheExactSumRoundedOnce()
    {
        var priced = 0;
        Prop.ForAll(Cases.ToArbitrary(), test =>
        {
            var id = test.Entry.GetProperty("id").GetString()!;
            var provider = id[..id.IndexOf('/')];
            var used = test.Used();
            var expected = ReferencePrice.Nanos(
                test.Entry, used, test.At, test.Discount, provider == "openai" ? OpenAiSearches : null);
            var price = Book.Price(test.Call(provider, Book.Entry(id)!.Model));

            Assert.Equal(id, price.EntryId);
            if (used.Values.All(value => value == 0))
            {
                return price.Cost == Usd.Zero || price.Outcome == PriceOutcome.Priced;
            }

            Assert.Equal(expected is null || expected > long.MaxValue, price.Unpriced);
            priced += price.Unpriced ? 0 : 1;
            return price.Unpriced || price.Cost.Nanos == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
        Assert.InRange(priced, 2_000, 5_000);
    }

    [Fact]
    public void Price_LinesOfTheExplanation_CountEachTokenOnce()
    {
        Prop.ForAll(Cases.ToArbitrary(), test =>
        {
            var id = test.Entry.GetProperty("id").GetString()!;
            var call = test.Call(id[..id.IndexOf('/')], Book.Entry(id)!.Model);
            var tokens = Book.Explain(call).Lines
                .Where(line => line.Kind < PriceKind.Requests)
                .Sum(line => line.Quantity);
            return Book.Explain(call).Price.Outcome == PriceOutcome.NoUsage
                || tokens == call.Usage.InputTokens + (decimal)call.Usage.OutputTokens;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Fact]
    public void ExactSum_AnyQuantities_EqualTheFraction()
    {
        var prices =
            from usd in Gen.Choose(0, int.MaxValue)
            from decimals in Gen.Choose(0, UnitPrice.MaxDecimals)
            from per in Gen.Elements(1, 60, 1_000, 3_600, 1_000_000)
            where new decimal(usd, 0, 0, false, (byte)decimals) <= UnitPrice.MaxUsd
            select UnitPrice.Of(new decimal(usd, 0, 0, false, (byte)decimals), per);
        var terms =
            from price in prices
            from whole in Gen.OneOf(Quantity, Gen.Choose(1, int.MaxValue).Select(n => long.MaxValue - n))
            from part in Gen.OneOf(Gen.Constant(0m), Fraction)
            select (price, whole, part);
        Prop.ForAll(terms.ArrayOf().ToArbitrary(), Gen.Elements(1m, 0.5m, 0.3333333333333333333333333333m).ToArbitrary(), (all, discount) =>
        {
            var sum = default(ExactSum);
            BigInteger top = 0;
            var bottom = BigInteger.Pow(10, 18 + 28 + 28) * UnitPrice.CommonPer;
            foreach (var (price, whole, part) in all)
            {
                sum.Add(whole, price);
                sum.Add(part, price);
                var each = Scaled(price.Usd, 18) * (UnitPrice.CommonPer / price.Per);
                top += each * (Scaled(whole, 28) + Scaled(part, 28)) * Scaled(discount, 28);
            }

            top *= 1_000_000_000;
            var floor = top / bottom;
            var rest = 2 * (top % bottom);
            var nanos = rest > bottom || (rest == bottom && !floor.IsEven) ? floor + 1 : floor;
            return sum.TryRound(discount, out var cost) ? cost.Nanos == nanos : nanos > long.MaxValue;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static BigInteger Scaled(decimal value, int decimals)
    {
        var text = value.ToString();
        var point = text.IndexOf('.');
        var places = point < 0 ? 0 : text.Length - point - 1;
        return BigInteger.Parse(text.Replace(".", "")) * BigInteger.Pow(10, decimals - places);
    }

    private sealed record Case(
        JsonElement Entry, DateTimeOffset At, long[] Tokens, int Searches, string Unit, decimal Amount, decimal Discount)
    {
        /// <summary>Parts that do not overlap, by the names of the book's JSON.</summary>
        public Dictionary<string, decimal> Used() => new()
        {
            ["input"] = Tokens[0],
            ["cache_read"] = Tokens[1],
            ["cache_write_5m"] = Tokens[2],
            ["cache_write_1h"] = Tokens[3],
            ["input_audio"] = Tokens[4],
            ["input_image"] = Tokens[5],
            ["output"] = Tokens[6],
            ["reasoning"] = Tokens[7],
            ["output_audio"] = Tokens[8],
            ["output_image"] = Tokens[9],
            ["web_searches"] = Searches,
            [Unit] = Unit.Length == 0 ? 0 : Unit is "seconds" or "gb" ? Amount : decimal.Truncate(Amount),
        };

        /// <summary>The same as a client states it: totals, and the parts of them.</summary>
        public PricedCall Call(string provider, string model) => new()
        {
            Provider = provider,
            Model = model,
            Endpoint = "chat",
            Kind = SpanKind.Llm,
            OccurredAt = At,
            Discount = Discount,
            Usage = new Usage
            {
                InputTokens = Tokens[..6].Sum(),
                CacheReadTokens = Tokens[1],
                CacheWrite5mTokens = Tokens[2],
                CacheWrite1hTokens = Tokens[3],
                InputAudioTokens = Tokens[4],
                InputImageTokens = Tokens[5],
                OutputTokens = Tokens[6..].Sum(),
                ReasoningTokens = Tokens[7],
                OutputAudioTokens = Tokens[8],
                OutputImageTokens = Tokens[9],
                WebSearches = Searches,
                Characters = Unit == "characters" ? (long)decimal.Truncate(Amount) : 0,
                Images = Unit == "images" ? (long)decimal.Truncate(Amount) : 0,
                Seconds = Unit == "seconds" ? Amount : 0,
                Gb = Unit == "gb" ? Amount : 0,
            },
        };
    }
}
