using System.Text;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class AccountPricesTests
{
    private static readonly PriceBook Book = PriceFixture.Book();

    [Fact]
    public void Price_AgreedKinds_WinAndTheRestIsTheBooks()
    {
        var account = Of("""[{"provider":"openai","model":"gpt-4o","prices":{"input":2,"output":8}}]""");
        var usage = new Usage { InputTokens = 1_000, CacheReadTokens = 400, OutputTokens = 100 };

        var price = Book.Price(Call("openai", "gpt-4o-2024-08-06", usage), account);

        // 600 × 2 + 400 × 1.25 of the book + 100 × 8 = 0.0012 + 0.0005 + 0.0008
        Assert.Equal((Dollars("0.0025"), "account:openai/gpt-4o"), (price.Cost, price.EntryId));
        Assert.Equal(Dollars("0.003"), Book.Price(Call("openai", "gpt-4o-2024-08-06", usage)).Cost);
        Assert.Equal("gpt-4o", Book.Canonical("openai", "gpt-4o-2024-08-06"));
    }

    [Fact]
    public void Price_OneRawName_CoversOnlyItself()
    {
        var account = Of(
            """
            [{"provider":"openai","model":"gpt-4o-2024-05-13","prices":{"input":5}},
             {"provider":"openai","model":"gpt-4o","prices":{"input":1}}]
            """);
        var usage = new Usage { InputTokens = 1_000_000 };

        Assert.Equal(Dollars("5"), Book.Price(Call("openai", "gpt-4o-2024-05-13", usage), account).Cost);
        Assert.Equal(Dollars("1"), Book.Price(Call("openai", "gpt-4o-2024-08-06", usage), account).Cost);
        Assert.Equal(Dollars("2.5"), Book.Price(Call("azure", "gpt-4o", usage), account).Cost);
    }

    [Fact]
    public void Price_ModelThatTheBookDoesNotKnow_IsPricedByTheAccount()
    {
        var account = Of(
            """
            [{"provider":"mine","model":"My-Model","prices":{"input":1,"output":2,"requests":0.5}},
             {"provider":"pinecone","prices":{"read_units":1}}]
            """);

        var own = Book.Price(Call("Mine", "my-model", new Usage { InputTokens = 1_000_000, OutputTokens = 1_000_000 }), account);
        var unit = Book.Price(Call("pinecone", null, Usage.None, "query", SpanKind.VectorDb), account);

        Assert.Equal((Dollars("3.5"), "account:mine/My-Model"), (own.Cost, own.EntryId));
        Assert.Equal(Dollars("1"), unit.Cost);
        Assert.True(Book.Price(Call("mine", "my-model", new Usage { InputTokens = 1, Images = 1 }), account).Unpriced);
    }

    [Fact]
    public void Price_AgreedForATime_HoldsThenAndTheBooksElse()
    {
        var account = Of(
            """
            [{"provider":"openai","model":"gpt-4o","prices":[{"from":"2026-09-01","until":"2026-10-01","rates":{"input":1}}]}]
            """);
        var call = Call("openai", "gpt-4o", new Usage { InputTokens = 1_000_000 });

        Assert.Equal(Dollars("1"), Book.Price(call, account).Cost);
        Assert.Equal(Dollars("2.5"), Book.Price(call with { OccurredAt = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero) }, account).Cost);
    }

    [Fact]
    public void Price_AgreedPercentOfZero_MakesAPaymentPriceable()
    {
        var account = Of("""[{"provider":"stripe","prices":{"requests":0.25,"percent":0}}]""");

        Assert.Equal(Dollars("0.25"), Book.Price(Call("stripe", null, Usage.None, "payment", SpanKind.Api), account).Cost);
    }

    [Fact]
    public void Read_WrittenPrices_AreTheSame()
    {
        var account = Of(
            """
            [{"provider":"a","model":"m",
              "prices":[{"from":"2026-01-01","rates":{"input":1}},{"daily":["01:00","02:00"],"rates":{"input":2}}]},
             {"provider":"b","prices":{"gb":0.1}}]
            """);

        var again = AccountPricesJson.Read(AccountPricesJson.Write(account), out var faults);

        Assert.Empty(faults);
        Assert.Equal(3, account.Prices.Length);
        Assert.Equal(AccountPricesJson.Write(account), AccountPricesJson.Write(again!));
    }

    [Theory]
    [InlineData("{}", " malformed")]
    [InlineData("[", " malformed")]
    [InlineData("""[{"provider":"","prices":{"input":1}}]""", "[0].provider required")]
    [InlineData("""[{"provider":"a","prices":{"input":-1}}]""", "[0].prices.input out-of-range")]
    [InlineData("""[{"provider":"a","prize":{"input":-1}}]""", "[0].prize unknown-value,[0].prices required")]
    [InlineData("""[{"provider":"\ud800","prices":{"input":1}}]""", " bad-character")]
    public void Read_FaultyPrices_NamesEachFault(string text, string expected)
    {
        Assert.Null(AccountPricesJson.Read(Encoding.UTF8.GetBytes(text), out var faults));
        Assert.Equal(expected, string.Join(",", faults.Select(fault => $"{fault.Path} {fault.Code}")));
    }

    [Fact]
    public void Read_MorePricesThanAnAccountMayHave_IsRefused()
    {
        var text = $"[{string.Join(",", Enumerable.Repeat("""{"provider":"a","prices":{"gb":1}}""", AccountPrices.MaxPrices + 1))}]";

        Assert.Null(AccountPricesJson.Read(Encoding.UTF8.GetBytes(text), out var faults));
        Assert.Equal("too-long", Assert.Single(faults).Code);
    }

    private static AccountPrices Of(string json) => AccountPricesJson.Read(Encoding.UTF8.GetBytes(json), out _)!;
}
