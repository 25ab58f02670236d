using System.Text.Json;
using LlmObserve.Domain.Holds;

namespace LlmObserve.Api.Tests.Holds;

/// <summary>What events do to the holds that they name.</summary>
public sealed class HoldEventTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Event_WithinItsHold_SettlesItWithoutAWord()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var held = await person.HoldAsync(TestHolds.Ask());

        var answer = await person.SendAsync(201, TestHolds.Call(held.Text("hold_id"), new { output_tokens = 100 }));

        Assert.Equal("1", answer.Raw("created"));
        Assert.False(answer.Has("holds"));
        var state = await person.GetAsync("/caps/" + cap);
        Assert.Equal(("0.0035", "0", "0", "0.9965"), (state.Raw("current_spend"), state.Raw("held"), state.Raw("overrun"), state.Raw("remaining")));
        Assert.Equal("settled", await StatusAsync(person, held));
    }

    [Theory]
    [InlineData("cancelled", 100, "0.0035")]
    [InlineData("error", 100, "0.0035")]
    [InlineData("timeout", 0, "0.0025")]
    public async Task Event_OfACallThatWasCutShort_SettlesWhatItCost(string status, int output, string cost)
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var held = await person.HoldAsync(TestHolds.Ask());

        await person.SendAsync(201, TestHolds.Call(held.Text("hold_id"), new { status, output_tokens = output, stream_cancelled = true }));

        Assert.Equal((cost, "0"), await SpentAndHeldAsync(person, cap));
        Assert.Equal("settled", await StatusAsync(person, held));
    }

    [Fact]
    public async Task Event_OfAFailedCallWithoutUsage_GivesAllBack()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var held = await person.HoldAsync(TestHolds.Ask());

        await person.SendAsync(201, TestHolds.Call(held.Text("hold_id"), new { status = "error", input_tokens = 0, output_tokens = 0 }));

        Assert.Equal(("0", "0"), await SpentAndHeldAsync(person, cap));
        Assert.Equal("settled", await StatusAsync(person, held));
    }

    [Fact]
    public async Task Event_AboveItsHold_IsReportedAndCountedAsOverrun()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var held = await person.HoldAsync(TestHolds.Ask());
        var call = TestHolds.Call(held.Text("hold_id"), new { output_tokens = 600 });

        var answer = await person.SendAsync(201, call);

        var report = Assert.Single(answer.GetProperty("holds").EnumerateArray());
        Assert.Equal(["id", "hold_id", "outcome", "held_usd", "overrun_usd", "label_mismatch"], report.Names());
        Assert.Equal(
            ((string)call["id"]!, held.Text("hold_id"), "settled", TestHolds.Cost, "0.001", "false"),
            (report.Text("id"), report.Text("hold_id"), report.Text("outcome"), report.Raw("held_usd"), report.Raw("overrun_usd"), report.Raw("label_mismatch")));
        var state = await person.GetAsync("/caps/" + cap);
        Assert.Equal(("0.0085", "0", "0.001"), (state.Raw("current_spend"), state.Raw("held"), state.Raw("overrun")));
        Assert.False((await person.SendAsync(201, call)).Has("holds"));
    }

    [Fact]
    public async Task Event_OfAnotherCap_IsReportedAsAMismatch()
    {
        using var person = await app.SignUpAsync();
        var acme = await person.CapAsync(1m);
        var other = await person.CapAsync(1m, target: "other");
        var held = await person.HoldAsync(TestHolds.Ask());

        var answer = await person.SendAsync(201, TestHolds.Call(held.Text("hold_id"), new { customer_id = "other" }));

        var report = Assert.Single(answer.GetProperty("holds").EnumerateArray());
        Assert.Equal(("settled", "true", "0"), (report.Text("outcome"), report.Raw("label_mismatch"), report.Raw("overrun_usd")));
        Assert.Equal(("0", "0"), await SpentAndHeldAsync(person, acme));
        Assert.Equal((TestHolds.Cost, "0"), await SpentAndHeldAsync(person, other));
    }

    [Fact]
    public async Task Events_OfHoldsThatAreOver_AreCountedAndReported()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var settled = (await person.HoldAsync(TestHolds.Ask())).Text("hold_id");
        var released = (await person.HoldAsync(TestHolds.Ask())).Text("hold_id");
        await person.SendAsync(TestHolds.Call(settled));
        await person.Sdk.DeleteAsync("/caps/holds/" + released).JsonAsync();
        var unknown = HoldId.New().ToString();

        var answer = await person.SendAsync(
            201, TestHolds.Call(settled), TestHolds.Call(released), TestHolds.Call(unknown), TestHolds.Call("no hold at all"), TestHolds.Call(null));

        Assert.Equal(
            [(settled, "again"), (released, "late"), (unknown, "unknown"), ("no hold at all", "unknown")],
            answer.GetProperty("holds").EnumerateArray().Select(report => (report.Text("hold_id"), report.Text("outcome"))));
        Assert.Equal(("0.045", "0"), await SpentAndHeldAsync(person, cap));
    }

    [Fact]
    public async Task Event_ThatTheProviderDidNotCharge_ReleasesItsHold()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);
        var refused = await person.HoldAsync(TestHolds.Ask());
        var failed = await person.HoldAsync(TestHolds.Ask());
        var other = await person.HoldAsync(TestHolds.Ask());

        // Alone, beside one that counts, and with ids that name no hold.
        var first = await person.SendAsync(201, Filtered(refused.Text("hold_id"), 429));
        var second = await person.SendAsync(
            201, Filtered(failed.Text("hold_id"), 503), TestHolds.Call(null), Filtered("hold_", 500), Filtered(HoldId.New().ToString(), 500), Filtered(null, 500));

        Assert.Equal(("1", "0"), (first.Raw("filtered"), first.Raw("created")));
        Assert.Equal(("4", "1"), (second.Raw("filtered"), second.Raw("created")));
        Assert.False(first.Has("holds"));
        Assert.Equal(("released", "released", "open"), (await StatusAsync(person, refused), await StatusAsync(person, failed), await StatusAsync(person, other)));
        Assert.Equal((TestHolds.Cost, TestHolds.Cost), await SpentAndHeldAsync(person, cap));
    }

    [Fact]
    public async Task Event_ThatIsRejected_LeavesItsHold()
    {
        using var person = await app.SignUpAsync();
        var held = await person.HoldAsync(TestHolds.Ask());
        var faulty = Filtered(held.Text("hold_id"), 429);
        faulty["latency_ms"] = -1;

        await person.SendAsync(422, faulty);

        Assert.Equal("open", await StatusAsync(person, held));
    }

    [Fact]
    public async Task Events_ManyReports_ListsTheFirst()
    {
        using var person = await app.SignUpAsync();

        var answer = await person.SendAsync(201, [.. Enumerable.Range(0, 1_005).Select(i => TestHolds.Call("none-" + i))]);

        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(i => "none-" + i), answer.GetProperty("holds").EnumerateArray().Select(report => report.Text("hold_id")));
    }

    private static System.Text.Json.Nodes.JsonObject Filtered(string? holdId, int httpStatus) =>
        TestHolds.Call(holdId, new { status = "error", event_metadata = new { http_status = httpStatus } });

    private static async Task<string> StatusAsync(TestPerson person, JsonElement held) =>
        (await person.Sdk.GetAsync("/caps/holds/" + held.Text("hold_id")).JsonAsync()).Text("status");

    private static async Task<(string Spent, string Held)> SpentAndHeldAsync(TestPerson person, string cap)
    {
        var state = await person.GetAsync("/caps/" + cap);
        return (state.Raw("current_spend"), state.Raw("held"));
    }
}
