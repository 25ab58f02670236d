using System.Text;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Prices;
using LlmObserve.Domain.Prices.Import;
using static LlmObserve.Domain.Tests.Prices.PriceFixture;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class GenAiPricesImportTests
{
    private static readonly DateOnly Day = new(2026, 8, 21);

    private static readonly PriceBook Empty = new(4, [], []);

    [Fact]
    public void Read_PublicFile_HasNoFaultsAndTheNextVersion()
    {
        var (book, report) = Import(ImportFixture.Json, Empty);

        Assert.Empty(report.Faults);
        Assert.Equal((5, 8, 0), (book.Version, report.Added.Length, report.Changed.Length));
        Assert.Equal(["makers", "hosts"], report.AddedProviders.AsEnumerable());
        Assert.Equal(["makers/plain", "makers/tiered"], book.Entries.Take(2).Select(entry => entry.Id));
        Assert.All(book.Entries, entry => Assert.Equal((Day, "genai-prices"), (entry.AsOf, entry.Via)));
        Assert.Equal("https://example.com/pricing", book.Entry("makers/plain")!.Source);
        Assert.StartsWith("https://", book.Entry("hosts/Own/Model")!.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("makers", "plain-2026-01-01", "2025-01-01T00:00:00Z", "2.5")]
    [InlineData("makers", "tiered-x", "2025-01-01T00:00:00Z", "6")]
    [InlineData("makers", "my-dated-model", "2025-06-09T23:59:59Z", "10")]
    [InlineData("makers", "my-dated-model", "2025-06-10T00:00:00Z", "2")]
    [InlineData("makers", "night7", "2025-06-10T16:30:00Z", "1")]
    [InlineData("makers", "night7", "2025-06-10T00:30:00Z", "2")]
    [InlineData("makers", "given:free", "2025-06-10T00:30:00Z", "0")]
    [InlineData("MKR-eu", "plain", "2025-06-10T00:30:00Z", "2.5")]
    [InlineData("hosts", "OWN/model", "2025-06-10T00:30:00Z", "0.88")]
    [InlineData("hosts", "plain", "2025-06-10T00:30:00Z", "2.5")]
    public void Read_PublicFile_PricesAMillionTokens(string provider, string model, string at, string dollars)
    {
        var (book, _) = Import(ImportFixture.Json, Empty);
        var call = Call(provider, model, new Usage { InputTokens = 1_000_000 }) with { OccurredAt = DateTimeOffset.Parse(at) };

        Assert.Equal(Dollars(dollars), book.Price(call).Cost);
    }

    [Fact]
    public void Read_PublicFile_KeepsEveryKindOfPrice()
    {
        var (book, _) = Import(ImportFixture.Json, Empty);

        Assert.Equal(
            "{'input':4,'output':16,'reasoning':20,'input_audio':32,'output_audio':64,'input_image':5,'output_image':40,"
            + "'cache_audio_read':0.4,'cache_image_read':0.5,'input_video':7,'output_video':8,'citation':2,"
            + "'requests':{'usd':12,'per':1000}}",
            Prices(book, "makers/media"));
        Assert.Equal("{'seconds':{'usd':0.36,'per':3600}}", Prices(book, "makers/spoken"));
        Assert.Equal("{'input':2.5,'output':10,'cache_read':0.18000000000000002}", Prices(book, "makers/plain"));
        Assert.Equal("{'input':0,'output':0}", Prices(book, "makers/given:free"));
        Assert.Equal(
            "{'input':{'usd':3,'tiers':[{'above':200000,'usd':6}]},'output':{'usd':15,'tiers':[{'above':200000,'usd':22.5}]},"
            + "'cache_write_5m':3.75,'cache_write_1h':6,'web_searches':{'usd':10,'per':1000}}",
            Prices(book, "makers/tiered"));
    }

    [Fact]
    public void Read_SameFileAgain_ChangesNothing()
    {
        var first = Import(ImportFixture.Json, Empty).Book;
        var (second, report) = Import(ImportFixture.Json, first);

        Assert.False(report.HasChanges);
        Assert.Equal((8, 0), (report.Unchanged, report.Kept));
        Assert.Equal(PriceBookJson.Write(first), PriceBookJson.Write(second));
    }

    [Fact]
    public void Read_ChangedFile_ReportsWhatChangedAndKeepsTheRest()
    {
        var before = Import(ImportFixture.Json, Empty).Book;
        const string Changed = """
            [{"id":"makers","pricing_urls":["https://example.com/pricing"],"models":[
              {"id":"plain","match":{"or":[{"equals":"plain"},{"equals":"plain-2026-01-01"}]},"prices":{"input_mtok":2,"output_mtok":10}},
              {"id":"given:free","match":{"starts_with":"given"},"prices":{}},
              {"id":"brand-new","match":{"equals":"brand-new"},"prices":{"input_mtok":1}}]}]
            """;

        var (after, report) = Import(Changed, before);

        Assert.Equal(["makers/brand-new"], report.Added.Select(entry => entry.Id));
        Assert.Equal(
            [("makers", "provider"), ("makers/plain", "prices"), ("makers/given:free", "rule")],
            report.Changed.Select(change => (change.Id, change.What)));
        Assert.Equal((0, 6), (report.Unchanged, report.Kept));
        Assert.Equal(Dollars("2"), after.Price(Call("makers", "plain", new Usage { InputTokens = 1_000_000 })).Cost);
        Assert.Equal("makers/tiered", after.Price(Call("makers", "tiered", new Usage { InputTokens = 1 })).EntryId);
        Assert.Equal("hosts/Own/Model", after.Price(Call("hosts", "own/model", new Usage { InputTokens = 1 })).EntryId);
        Assert.Equal(Dollars("2.5"), before.Price(Call("makers", "plain", new Usage { InputTokens = 1_000_000 })).Cost);
    }

    [Fact]
    public void Read_BookWithEntriesOfItsOwn_KeepsThemAndTheirAliases()
    {
        const string Mine = """
            {"format":"llmobserve-prices/1","providers":[{"id":"makers","aliases":["the_makers"]},{"id":"mine"}],"entries":[
            {"id":"makers/own","match":"own","prices":{"seconds":0.1},"source":"https://example.com","as_of":"2026-01-01"},
            {"id":"mine/other","match":"other","prices":{"input":1},"source":"https://example.com","as_of":"2026-01-01"}]}
            """;
        var (book, report) = Import(ImportFixture.Json, PriceBookJson.Read(Encoding.UTF8.GetBytes(Mine), 1));

        Assert.Equal(2, report.Kept);
        Assert.Equal("makers", book.Provider("The Makers"));
        Assert.Equal(Dollars("0.2"), book.Price(Call("the-makers", "own", new Usage { Seconds = 2 })).Cost);
        Assert.Equal(["makers", "hosts", "mine"], book.Providers.Select(provider => provider.Id));
    }

    [Fact]
    public void Read_FileWithFaults_TakesTheGoodAndNamesEveryBad()
    {
        var (book, report) = Import(ImportFixture.Faulty, Empty);

        Assert.Equal(["makers/good", "makers/also-good", "lost/found"], book.Entries.Select(entry => entry.Id));
        Assert.Equal(Dollars("1"), book.Price(Call("makers", "good", new Usage { InputTokens = 1_000_000 })).Cost);
        var lines = report.Faults.Select(fault => $"{fault.Path} {fault.Code}").ToArray();
        Assert.Equal(
            [
                "[makers].models[no-match].match required",
                "[makers].models[no-prices].prices required",
                "[makers].models[text-price].prices.input_mtok malformed",
                "[makers].models[negative].prices.input_mtok out-of-range",
                "[makers].models[huge].prices.input_mtok malformed",
                "[makers].models[too-fine].prices.input_mtok out-of-range",
                "[makers].models[new-kind].prices.smell_mtok unknown-value",
                "[makers].models[bad-tier].prices.input_mtok.tiers[0].start malformed",
                "[makers].models[bad-regex].match.regex malformed",
                "[makers].models[looks-behind].match.regex malformed",
                "[makers].models[new-rule].match.sounds_like unknown-value",
                "[makers].models[empty-rule].match.or required",
                "[makers].models[new-constraint].prices[0].constraint.weekday unknown-value",
                "[makers].models[new-constraint].prices[0].constraint malformed",
                "[makers].models[bad-date].prices[0].constraint.start_date malformed",
                "[makers].models[half-window].prices[0].constraint.end_time required",
                "[makers].models[zoned-window].prices[0].constraint.start_time malformed",
                "[makers].models[two faults].match.equals required",
                "[makers].models[two faults].prices.output_mtok malformed",
                "[makers].models[good].id conflict",
                "[makers].models[ spaces ].id malformed",
                "[makers].models[20] bad-character",
                "[makers].models[21].id required",
                "[makers].models[22].id required",
                "[makers].models[22].match required",
                "[makers].models[22].prices required",
                "[a/b].id malformed",
                "[2].id required",
                "[makers].id conflict",
                "[no-models].models required",
                "[6].id required",
                "[lost].fallback_model_providers unknown-value",
            ],
            lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public void Read_NotThePublicFormat_LeavesTheBookAsItIs(string text)
    {
        var before = Book();
        var (after, report) = Import(text, before);

        Assert.Single(report.Faults);
        Assert.False(report.HasChanges);
        Assert.Equal(PriceBookJson.Write(before), PriceBookJson.Write(after));
    }

    [Fact]
    public void Read_RuleNestedWithoutEnd_IsAFaultNotACrash()
    {
        Assert.Equal("too-long", Assert.Single(Import(File(25), Empty).Report.Faults).Code);
        Assert.Equal("malformed", Assert.Single(Import(File(100_000), Empty).Report.Faults).Code);

        static string File(int depth)
        {
            var open = string.Concat(Enumerable.Repeat("{\"or\":[", depth));
            var close = string.Concat(Enumerable.Repeat("]}", depth));
            return $$"""[{"id":"p","models":[{"id":"m","match":{{open}}"x"{{close}},"prices":{"input_mtok":1} } ]}]""";
        }
    }

    [Fact]
    public void WriteTo_Report_SaysEachThingInALine()
    {
        var before = Import(ImportFixture.Json, Empty).Book;
        var text = new StringWriter { NewLine = "\n" };

        const string File = """
            [{"id":"makers","models":[
              {"id":"plain","match":{"or":[{"equals":"plain"},{"equals":"plain-2026-01-01"}]},"prices":{"input_mtok":2}},
              {"id":"n","match":{"equals":"n"},"prices":{"input_mtok":1}},
              {"id":"bad"}]}]
            """;
        Import(File, before).Report.WriteTo(text);

        Assert.Contains("+ makers/n  {\"input\":1}\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("~ makers/plain (prices)\n    before  {\"input\":2.5,", text.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "! [makers].models[bad].match: without a rule nothing says which names it covers (required)\n",
            text.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "\n1 added, 2 changed, 0 unchanged, 7 kept that the file does not have, 2 faults\n", text.ToString(), StringComparison.Ordinal);
    }

    /// <summary>As JSON, with single quotes for the eye.</summary>
    private static string Prices(PriceBook book, string id) => PriceBookJson.Prices(book.Entry(id)!).Replace('"', '\'');

    private static PriceImport Import(string text, PriceBook existing) =>
        GenAiPricesImport.Read(Encoding.UTF8.GetBytes(text), existing, Day);
}
