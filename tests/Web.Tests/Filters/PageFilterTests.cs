using LlmObserve.Domain.Periods;
using LlmObserve.Web.Filters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmObserve.Web.Tests.Filters;

public sealed class PageFilterTests
{
    private const string Hostile = "a&b=c #d%2F?/\"'<script>ü€😀+ ";

    [Fact]
    public void On_EveryWordHostile_ReadsBackAsItWas()
    {
        var filter = new PageFilter
        {
            Range = PageRange.Read("custom", "2026-11-01", "2026-11-21"),
            Customer = Hostile,
            Provider = Hostile + "p",
            Model = Hostile + "m",
            Agent = Hostile + "a",
        };

        Assert.Equal(filter, PageFilter.Read(Query(filter.On("/runs"))));
    }

    [Theory]
    [InlineData("eu/acme", "/customers/eu%2Facme")]
    [InlineData("x/../y", "/customers/x%2F..%2Fy")]
    [InlineData("a%2Fb", "/customers/a%252Fb")]
    [InlineData("//evil.example?q#f", "/customers/%2F%2Fevil.example%3Fq%23f")]
    [InlineData("..", null)]
    [InlineData(".", null)]
    public void Path_OfAnyName_LeadsToThatOneAndNowhereElse(string name, string? path)
    {
        Assert.Equal(path, QueryText.Path("/customers", name));
        Assert.True(path is null || Uri.UnescapeDataString(new Uri(new Uri("http://api"), path).AbsolutePath["/customers/".Length..]) == name);
    }

    [Fact]
    public void On_NothingChosen_IsThePathAlone() => Assert.Equal("/runs", PageFilter.Read(Query("/runs?range=30d&customer=")).On("/runs"));

    [Fact]
    public void On_AnotherRange_NamesIt() => Assert.Equal("/runs?range=7d", PageFilter.Read(Query("/runs?range=7d")).On("/runs"));

    [Fact]
    public void Read_AWordTwice_TakesTheLast() => Assert.Equal("b", PageFilter.Read(Query("/?agent=a&agent=b")).Agent);

    [Fact]
    public void ToApi_Labels_AreInTheWordsOfTheApi()
    {
        var api = Query("?" + PageFilter.Read(Query("/?customer=acme&agent=x%26y")).ToApi(AccountZone.Utc, new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero)));

        Assert.Equal("acme", api["customer_id"]);
        Assert.Equal("x&y", api["agent"]);
        Assert.Equal("2026-10-23T00:00:00Z", api["from"]);
        Assert.Equal("2026-11-22T00:00:00Z", api["to"]);
        Assert.Equal(4, api.Count);
    }

    [Fact]
    public void Narrowings_Each_TakesItselfAwayAndNothingElse()
    {
        var filter = new PageFilter { Range = new PageRange("7d"), Customer = "c", Provider = "p", Model = "m", Agent = "a" };

        var narrowings = filter.Narrowings().ToList();

        Assert.Equal(["customer", "provider", "model", "agent"], narrowings.Select(narrowing => narrowing.Word));
        Assert.Equal(filter with { Provider = null }, narrowings[1].Without);
        Assert.All(narrowings, narrowing => Assert.Equal(3, narrowing.Without.Narrowings().Count()));
    }

    [Fact]
    public void Table_OrderSearchAndFilter_ReadBackAsTheyWere()
    {
        var request = new DefaultHttpContext().Request;
        (request.Path, request.QueryString) = ("/runs", new QueryString("?range=7d&agent=writer&sort=calls&order=asc&q=a%26b&cursor=xyz"));
        var table = TableView.Read(request, "calls");

        var next = Query(table.At("abc"));

        Assert.Equal("writer", next["agent"]);
        Assert.Equal("7d", next["range"]);
        Assert.Equal("calls", next["sort"]);
        Assert.Equal("asc", next["order"]);
        Assert.Equal("a&b", next["q"]);
        Assert.Equal("abc", next["cursor"]);
        Assert.False(Query(table.SortedBy("calls", true)).ContainsKey("cursor"));
    }

    private static QueryCollection Query(string address) => new(QueryHelpers.ParseQuery(address[Math.Max(0, address.IndexOf('?'))..]));
}
