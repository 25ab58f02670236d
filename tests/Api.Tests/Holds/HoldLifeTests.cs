using System.Net.Http.Json;
using System.Text.Json;
using LlmObserve.Domain.Holds;

namespace LlmObserve.Api.Tests.Holds;

/// <summary>Holds after they were granted.</summary>
public sealed class HoldLifeTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Get_OpenHold_SaysEverything()
    {
        using var person = await app.SignUpAsync();
        var held = await person.HoldAsync(TestHolds.Ask(new { agent = "writer" }));

        var hold = await GetAsync(person, held);

        Assert.Equal(
            ["hold_id", "status", "amount_usd", "provider", "model", "customer_id", "agent", "granted_at", "expires_at", "ended_at"], hold.Names());
        Assert.Equal(
            (held.Text("hold_id"), "open", TestHolds.Cost, "openai", "gpt-4o", "acme", "writer"),
            (hold.Text("hold_id"), hold.Text("status"), hold.Raw("amount_usd"), hold.Text("provider"), hold.Text("model"), hold.Text("customer_id"), hold.Text("agent")));
        Assert.Equal((held.Text("expires_at"), "null"), (hold.Text("expires_at"), hold.Raw("ended_at")));
        Assert.Equal(hold.GetRawText(), (await person.Session.GetAsync("/caps/holds/" + held.Text("hold_id") + "/").JsonAsync()).GetRawText());
    }

    [Fact]
    public async Task Delete_OpenHold_FreesItOnceAndStaysDone()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(0.0075m);
        var held = await person.HoldAsync(TestHolds.Ask());
        var path = "/caps/holds/" + held.Text("hold_id");

        var released = await person.Sdk.DeleteAsync(path).JsonAsync();

        Assert.Equal("released", released.Text("status"));
        Assert.Equal(JsonValueKind.String, released.GetProperty("ended_at").ValueKind);
        Assert.Equal("0", (await person.GetAsync("/caps/" + cap)).Raw("held"));
        Assert.Equal(released.GetRawText(), (await person.Sdk.DeleteAsync(path).JsonAsync()).GetRawText());
        Assert.Equal(released.GetRawText(), (await GetAsync(person, held)).GetRawText());
    }

    [Fact]
    public async Task Delete_SettledHold_OnlySaysSo()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var held = await person.HoldAsync(TestHolds.Ask());
        await person.SendAsync(TestHolds.Call(held.Text("hold_id")));

        var answer = await person.Sdk.DeleteAsync("/caps/holds/" + held.Text("hold_id")).JsonAsync();

        Assert.Equal("settled", answer.Text("status"));
        var state = await person.GetAsync("/caps/" + cap);
        Assert.Equal((TestHolds.Cost, "0"), (state.Raw("current_spend"), state.Raw("held")));
    }

    [Fact]
    public async Task Extend_OpenHold_LastsLongerAndNeverShorter()
    {
        using var person = await app.SignUpAsync();
        var held = await person.HoldAsync(TestHolds.Ask(new { ttl_seconds = 60 }));
        var before = held.GetProperty("expires_at").GetDateTimeOffset();

        var longer = await ExtendAsync(person, held, new { ttl_seconds = 3600 });
        var shorter = await ExtendAsync(person, held, new { ttl_seconds = 1 });

        Assert.Equal("open", longer.Text("status"));
        Assert.InRange(longer.GetProperty("expires_at").GetDateTimeOffset() - before, TimeSpan.FromSeconds(3540), TimeSpan.FromSeconds(3600));
        Assert.Equal(longer.GetRawText(), shorter.GetRawText());
        Assert.Equal(longer.GetRawText(), (await GetAsync(person, held)).GetRawText());
    }

    [Fact]
    public async Task Extend_EndedHold_IsAConflictThatSaysHow()
    {
        using var person = await app.SignUpAsync();
        var settled = await person.HoldAsync(TestHolds.Ask());
        var released = await person.HoldAsync(TestHolds.Ask());
        await person.SendAsync(TestHolds.Call(settled.Text("hold_id")));
        await person.Sdk.DeleteAsync("/caps/holds/" + released.Text("hold_id")).JsonAsync();

        var first = await ExtendAsync(person, settled, new { ttl_seconds = 60 }, 409);
        var second = await ExtendAsync(person, released, new { ttl_seconds = 60 }, 409);

        Assert.Equal(("hold-ended", "hold-ended"), (first.Text("code"), second.Text("code")));
        Assert.Contains("settled", first.Text("detail"), StringComparison.Ordinal);
        Assert.Contains("released", second.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "required")]
    [InlineData("""{"ttl_seconds":null}""", "required")]
    [InlineData("""{"ttl_seconds":0}""", "out-of-range")]
    [InlineData("""{"ttl_seconds":3601}""", "out-of-range")]
    [InlineData("""{"ttl_seconds":"60"}""", "malformed")]
    public async Task Extend_Faulty_IsNamed(string body, string code)
    {
        using var person = await app.SignUpAsync();
        var held = await person.HoldAsync(TestHolds.Ask());

        var problem = await ExtendAsync(person, held, JsonDocument.Parse(body).RootElement, 422);

        Assert.Equal([("ttl_seconds", code)], problem.Faults());
    }

    [Fact]
    public async Task Routes_HoldOfAnotherAccountOrNobody_AnswerNotFound()
    {
        using var owner = await app.SignUpAsync();
        using var other = await app.SignUpAsync();
        var held = await owner.HoldAsync(TestHolds.Ask());
        string[] ids = [held.Text("hold_id"), HoldId.New().ToString(), "hold_", "x", Guid.NewGuid().ToString()];

        foreach (var id in ids)
        {
            var path = "/caps/holds/" + id;
            var problems = new[]
            {
                await other.Sdk.GetAsync(path).JsonAsync(404),
                await other.Sdk.DeleteAsync(path).JsonAsync(404),
                await other.Sdk.PostAsJsonAsync(path + "/extend", new { ttl_seconds = 60 }).JsonAsync(404),
            };
            Assert.All(problems, problem => Assert.Equal(("not-found", "There is no hold of this id."), (problem.Text("code"), problem.Text("detail"))));
        }

        // An event of the other account with this id settles nothing here.
        var answer = await other.SendAsync(201, TestHolds.Call(held.Text("hold_id")));
        Assert.Equal("unknown", Assert.Single(answer.GetProperty("holds").EnumerateArray()).Text("outcome"));
        Assert.Equal(("0", "0"), ((await other.GetAsync("/caps/holds")).Raw("open"), (await other.GetAsync("/caps/holds")).Raw("held_usd")));
        Assert.Equal("open", (await GetAsync(owner, held)).Text("status"));
    }

    [Fact]
    public async Task List_OpenHolds_AreWalkedPageByPage()
    {
        using var person = await app.SignUpAsync();
        var held = new List<string>();
        foreach (var seconds in new[] { 300, 100, 500, 200, 400 })
        {
            held.Add((await person.HoldAsync(TestHolds.Ask(new { ttl_seconds = seconds }))).Text("hold_id"));
        }

        var ended = await person.HoldAsync(TestHolds.Ask());
        await person.Sdk.DeleteAsync("/caps/holds/" + ended.Text("hold_id")).JsonAsync();

        var found = new List<string>();
        var (pages, path) = (0, (string?)"/caps/holds?limit=2");
        while (path is not null)
        {
            var page = await person.GetAsync(path);
            Assert.Equal(["items", "next_cursor", "open", "held_usd"], page.Names());
            Assert.Equal(("5", "0.0375"), (page.Raw("open"), page.Raw("held_usd")));
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(hold => hold.Text("hold_id")));
            pages++;
            path = page.GetProperty("next_cursor").GetString() is { } cursor ? "/caps/holds?limit=2&cursor=" + cursor : null;
        }

        Assert.Equal([held[1], held[3], held[0], held[4], held[2]], found);
        Assert.Equal(3, pages);
        var whole = await person.GetAsync("/caps/holds?limit=5");
        Assert.Equal((5, "null"), (whole.GetProperty("items").GetArrayLength(), whole.Raw("next_cursor")));
    }

    [Theory]
    [InlineData("limit=0&cursor=x")]
    [InlineData("limit=201&cursor=!")]
    [InlineData("limit=-1&cursor=gQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task List_FaultyQuery_NamesEveryFault(string query)
    {
        using var person = await app.SignUpAsync();

        var problem = await person.GetAsync("/caps/holds?" + query, 422);

        Assert.Equal([("limit", "out-of-range"), ("cursor", "malformed")], problem.Faults());
    }

    private static Task<JsonElement> GetAsync(TestPerson person, JsonElement held) =>
        person.Sdk.GetAsync("/caps/holds/" + held.Text("hold_id")).JsonAsync();

    private static Task<JsonElement> ExtendAsync(TestPerson person, JsonElement held, object body, int status = 200) =>
        person.Sdk.PostAsJsonAsync($"/caps/holds/{held.Text("hold_id")}/extend", body).JsonAsync(status);
}
