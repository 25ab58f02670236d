using System.Text.Json;

namespace LlmObserve.Api.Tests.Holds;

/// <summary>Requests that are sent again under their <c>Idempotency-Key</c>.</summary>
public sealed class HoldIdempotencyTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Check_SentAgain_GetsTheSameHold()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.0075m);

        var first = await person.HoldAsync(TestHolds.Ask(), "call-1");
        var again = await person.HoldAsync(TestHolds.Ask(), "call-1");

        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal("held", (await person.HoldAsync(TestHolds.Ask(), "call-2")).Text("reason"));
        Assert.Equal("held", (await person.HoldAsync(TestHolds.Ask())).Text("reason"));
    }

    [Fact]
    public async Task Check_SentAgainInOtherLetters_IsTheSameRequest()
    {
        using var person = await app.SignUpAsync();
        var key = new string('~', 255);

        var first = await person.HoldAsync(TestHolds.Ask(), key);
        var again = await TestHolds.PostAsync(
            person.Sdk,
            """
            { "estimate": {"max_output_tokens":5e2, "min_output_tokens": 1, "input_tokens":1000.0, "usage": null}, "clamp": false, "ttl_seconds": 600,
              "customer_id":"acm\u0065", "model":"gpt-4o", "provider":"openai", "agent":"", "unknown": 1 }
            """,
            key);

        Assert.Equal(first.Text("hold_id"), again.Text("hold_id"));
    }

    [Fact]
    public async Task Check_KeyOfAnotherRequest_IsRefused()
    {
        using var person = await app.SignUpAsync();
        await person.HoldAsync(TestHolds.Ask(), "call-1");
        object[] others =
        [
            new { customer_id = "other" }, new { model = "gpt-4o-mini" }, new { provider = "azure" }, new { agent = "writer" }, new { endpoint = "chat" },
            new { span_type = "tool" }, new { is_streaming = true }, new { ttl_seconds = 601 }, new { clamp = true },
            new { estimate = new { input_tokens = 1001, max_output_tokens = 500 } }, new { estimate = new { input_tokens = 1000, max_output_tokens = 501 } },
            new { estimate = new { input_tokens = 1000, max_output_tokens = 500, min_output_tokens = 2 } },
            new { estimate = new { input_tokens = 1000, max_output_tokens = 500, cost_usd = 0 } },
            new { estimate = new { usage = new { input_tokens = 1000, output_tokens = 500 } } },
        ];

        foreach (var other in others)
        {
            var problem = await person.HoldAsync(TestHolds.Ask(other), "call-1", 409);
            Assert.Equal("idempotency-key-reused", problem.Text("code"));
        }

        Assert.Equal("1", (await person.GetAsync("/caps/holds")).Raw("open"));
    }

    [Fact]
    public async Task Check_SameKeyOfTwoAccounts_AreTwoHolds()
    {
        using var one = await app.SignUpAsync();
        using var two = await app.SignUpAsync();

        var first = await one.HoldAsync(TestHolds.Ask(), "call-1");
        var second = await two.HoldAsync(TestHolds.Ask(new { customer_id = "other" }), "call-1");

        Assert.NotEqual(first.Text("hold_id"), second.Text("hold_id"));
    }

    [Fact]
    public async Task Check_SentManyTimesAtOnce_IsOneHold()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(1m);

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => person.HoldAsync(TestHolds.Ask(), "call-1")));

        Assert.Single(answers.Select(answer => answer.Text("hold_id")).Distinct());
        Assert.Equal(TestHolds.Cost, (await person.GetAsync("/caps/" + cap)).Raw("held"));
    }

    [Fact]
    public async Task Check_ClampedSentAgain_SaysWhatItsHoldCovers()
    {
        using var person = await app.SignUpAsync();
        var cap = await person.CapAsync(0.005m);
        var ask = TestHolds.Ask(new { clamp = true });
        var first = await person.HoldAsync(ask, "call-1");
        await person.Session.PatchAsync("/caps/" + cap, System.Net.Http.Json.JsonContent.Create(new { limit_amount = 1 })).JsonAsync();

        var again = await person.HoldAsync(ask, "call-1");

        Assert.Equal("250", first.Raw("max_output_tokens"));
        Assert.Equal(first.GetRawText(), again.GetRawText());
    }

    [Fact]
    public async Task Check_SentAgainAfterTheEnd_SaysHowItEnded()
    {
        using var person = await app.SignUpAsync();
        var settled = await person.HoldAsync(TestHolds.Ask(), "settled");
        var released = await person.HoldAsync(TestHolds.Ask(), "released");
        await person.SendAsync(TestHolds.Call(settled.Text("hold_id")));
        await person.Sdk.DeleteAsync("/caps/holds/" + released.Text("hold_id")).JsonAsync();

        Assert.Equal(("settled", settled.Text("hold_id")), Status(await person.HoldAsync(TestHolds.Ask(), "settled")));
        Assert.Equal(("released", released.Text("hold_id")), Status(await person.HoldAsync(TestHolds.Ask(), "released")));
        var again = await person.HoldAsync(TestHolds.Ask(), "settled");
        Assert.False(again.IsAllowed());
        Assert.Equal("hold_ended", again.Text("reason"));
    }

    [Fact]
    public async Task Check_DeniedBefore_IsDecidedAnew()
    {
        using var person = await app.SignUpAsync();
        await person.CapAsync(0.0075m);
        var other = await person.HoldAsync(TestHolds.Ask());
        Assert.False((await person.HoldAsync(TestHolds.Ask(), "call-1")).IsAllowed());

        await person.Sdk.DeleteAsync("/caps/holds/" + other.Text("hold_id")).JsonAsync();

        Assert.True((await person.HoldAsync(TestHolds.Ask(), "call-1")).IsAllowed());
    }

    private static (string Status, string Hold) Status(JsonElement answer) => (answer.Text("status"), answer.Text("hold_id"));
}
