using System.Text;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class PriceBookJsonTests
{
    [Fact]
    public void Write_BookThatWasReadAndWritten_IsTheSameText()
    {
        var written = PriceBookJson.Write(PriceFixture.Book());
        var entries = PriceFixture.Json.ReplaceLineEndings("\n").Split('\n').Where(line => line.Contains("as_of", StringComparison.Ordinal));

        Assert.Equal(written, PriceBookJson.Write(PriceBookJson.Read(written, 7)));
        Assert.All(entries, line => Assert.Contains(line.TrimEnd(','), Encoding.UTF8.GetString(written), StringComparison.Ordinal));
    }

    [Fact]
    public void Read_EveryFeature_SurvivesTheRoundTrip()
    {
        const string Text = """
            {"format":"llmobserve-prices/1",
            "providers":[
            {"id":"a","aliases":["b","c"],"match":{"and":[{"contains":"x"},["y",{"ends_with":"z"}]]},"models":{"regex":"^a\\d"},"fallback":["d"]},
            {"id":"d"}
            ],
            "entries":[
            {"id":"a/one","match":["one",{"starts_with":"1"},"\"ünï\""],"prices":{"input":0.08333333333333334,"output":{"usd":15,"tiers":[{"above":1000,"usd":20},{"above":2000,"usd":25.5}]}},"source":"https://example.com","via":"genai-prices","as_of":"2026-08-21"},
            {"id":"a/two","model":"zwei","match":"two","endpoints":["streaming","live"],"prices":{"seconds":{"usd":0.006,"per":60}},"source":"https://example.com","as_of":"2026-08-21"},
            {"id":"a/three","endpoints":{"query":"read_units","upsert":"write_units","other":null},"per_call":"read_units","any_call":true,"prices":[{"until":"2025-01-01","rates":{"read_units":1}},{"from":"2025-01-01","until":"2025-01-01T16:30:00.5Z","daily":["00:30","16:30:15"],"rates":{"requests":0.3,"percent":2.9}}],"source":"https://example.com","as_of":"2026-08-21"}
            ]}

            """;

        Assert.Equal(Text.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(PriceBookJson.Write(Read(Text))));
    }

    [Fact]
    public void Read_BookWithFaults_NamesThemAll()
    {
        const string Text = """
            {"format":"llmobserve-prices/2","colour":1,"providers":[{"id":"a","alias":[]},{"aliases":"x"}],"entries":[
            {"id":"a/one","prices":{"input":-1,"taste":2},"source":"s","as_of":"2026-08-21"},
            {"id":"a/one","prices":{"output":{"usd":1,"per":7}},"source":"s","as_of":"someday"},
            {"id":"b/two","match":"x","endpoints":{"q":"smells"},"prices":[{"daily":["1","2"],"rates":{"input":1}}],"as_of":"2026-08-21"},
            {"id":"none","source":"s","as_of":"2026-08-21"}]}
            """;

        var fault = Assert.Throws<PriceBookFormatException>(() => Read(Text));

        Assert.Equal(
            [
                "format unknown-value", "providers[a].alias unknown-value", "providers[1].id required", "providers[1].aliases malformed",
                "entries[a/one].prices.input out-of-range", "entries[a/one].prices.taste unknown-value",
                "entries[a/one].prices.output.usd out-of-range", "entries[a/one].as_of malformed",
                "entries[b/two].endpoints.q unknown-value", "entries[b/two].prices[0].daily malformed", "entries[b/two].source required",
                "entries[none].id malformed", "entries[none].prices required",
                "entries conflict", "providers required", "colour unknown-value",
            ],
            fault.Faults.Select(one => $"{one.Path} {one.Code}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":\"llmobserve-prices/1\",\"providers\":[{\"id\":\"\\ud800\"}],\"entries\":[]}")]
    [InlineData("{\"format\":\"llmobserve-prices/1\",\"providers\":[{\"id\":\"a-b\"},{\"id\":\"ab\"}],\"entries\":[]}")]
    public void Read_NoBook_Throws(string text) => Assert.Throws<PriceBookFormatException>(() => Read(text));

    private static PriceBook Read(string text) => PriceBookJson.Read(Encoding.UTF8.GetBytes(text), 1);
}
