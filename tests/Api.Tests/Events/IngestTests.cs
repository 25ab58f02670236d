using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmObserve.Api.Events;

namespace LlmObserve.Api.Tests.Events;

public sealed class IngestTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Post_GoodEvents_RecordsThemOnce()
    {
        using var person = await app.SignUpAsync();
        var body = $"[{EventBodies.Event("a")},{EventBodies.Event("b")},{EventBodies.Event("a")}]";

        var first = await person.Sdk.PostAsync("/events/", Json(body)).JsonAsync(201);
        var again = await person.Sdk.PostAsync("/events", Json(body)).JsonAsync(201);

        Assert.Equal("""{"status":"success","created":2,"skipped":1,"filtered":0,"rejected_count":0,"rejected":[]}""", first.GetRawText());
        Assert.Equal((0, 3), (again.Number("created"), again.Number("skipped")));
        Assert.Equal(2, await CountAsync(person));
    }

    [Fact]
    public async Task Post_EmptyArray_AnswersZeros()
    {
        using var person = await app.SignUpAsync();

        var answer = await person.Sdk.PostAsync("/events/", Json("[]")).JsonAsync(201);

        Assert.Equal((0, 0, 0), (answer.Number("created"), answer.Number("skipped"), answer.Number("filtered")));
    }

    [Fact]
    public async Task Post_SomeBadEvents_LandsTheGoodAndNamesTheBad()
    {
        using var person = await app.SignUpAsync();
        var filtered = EventBodies.Event("f", """ "event_metadata":{"http_status":429} """);

        var answer = await person.Sdk.PostAsync(
            "/events/", Json($$"""[{{EventBodies.Event("a")}},{"id":"b","input_tokens":-1},{{filtered}}]""")).JsonAsync(201);

        Assert.Equal((1, 1, 1), (answer.Number("created"), answer.Number("filtered"), answer.Number("rejected_count")));
        var rejected = answer.GetProperty("rejected")[0];
        Assert.Equal((1, "b"), (rejected.Number("index"), rejected.Text("id")));
        Assert.Equal("[1].input_tokens", rejected.GetProperty("errors")[0].Text("path"));
        Assert.Equal(["a"], await IdsAsync(person));
    }

    [Fact]
    public async Task Post_OnlyBadEvents_Answers422WithEveryFault()
    {
        using var person = await app.SignUpAsync();

        var problem = await person.Sdk.PostAsync("/events/", Json("""[{"id":1},7]""")).JsonAsync(422);

        Assert.Equal("all-events-rejected", problem.Text("code"));
        Assert.Equal(2, problem.Number("rejected_count"));
        Assert.Equal(8, problem.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task Post_BeyondTheTotalsRange_Answers422AndTheRestStillLands()
    {
        using var person = await app.SignUpAsync();
        await person.Sdk.PostAsync("/events/", Json($"[{EventBodies.Event("a")}]")).JsonAsync(201);
        await using (var fill = app.Database.CreateCommand(
            "UPDATE ledger_heads SET total_cost_nanos = 9223372036854775807 WHERE account_id = "
            + "(SELECT a.id FROM accounts a JOIN users u ON u.id = a.personal_user_id WHERE u.email = $1)"))
        {
            fill.Parameters.Add(new() { Value = person.Email });
            Assert.Equal(1, await fill.ExecuteNonQueryAsync());
        }

        var dear = EventBodies.Event("b", """ "model":"gpt-4o","input_tokens":1000 """);
        var problem = await person.Sdk.PostAsync("/events/", Json($"[{dear}]")).JsonAsync(422);
        var free = await person.Sdk.PostAsync("/events/", Json($"[{EventBodies.Event("c")}]")).JsonAsync(201);

        Assert.Equal("totals-out-of-range", problem.Text("code"));
        Assert.Equal(1, free.Number("created"));
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("", 400)]
    [InlineData("[{\"id\":", 400)]
    public async Task Post_WhatIsNoArray_Answers400(string body, int status)
    {
        using var person = await app.SignUpAsync();

        Assert.Equal("malformed-body", (await person.Sdk.PostAsync("/events/", Json(body)).JsonAsync(status)).Text("code"));
    }

    [Fact]
    public async Task Post_BrokenAfterAChunk_SaysWhatIsRecorded()
    {
        using var person = await app.SignUpAsync();
        var good = string.Join(',', Enumerable.Range(0, 6_000).Select(i => EventBodies.Event($"e{i}")));

        var problem = await person.Sdk.PostAsync("/events/", Json($"[{good},")).JsonAsync(400);
        var retried = await person.Sdk.PostAsync("/events/", Json($"[{good}]")).JsonAsync(201);

        Assert.Equal(5_000, problem.Number("created"));
        Assert.Contains("5000 events", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal((1_000, 5_000), (retried.Number("created"), retried.Number("skipped")));
    }

    [Fact]
    public async Task Post_HundredThousandAndOneEvents_LandsThemAll()
    {
        using var person = await app.SignUpAsync();
        var body = new StringBuilder("[");
        for (var i = 0; i <= 100_000; i++)
        {
            body.Append(i == 0 ? "" : ",").Append(EventBodies.Event($"e{i}", """ "model":"gpt-4o","input_tokens":10 """));
        }

        using var content = Gzip(body.Append(']').ToString());
        var answer = await person.Sdk.PostAsync("/events/", content).JsonAsync(201);

        Assert.Equal(100_001, answer.Number("created"));
        Assert.Equal(100_001, await CountAsync(person));
    }

    [Fact]
    public async Task Post_Gzip_IsDecompressed()
    {
        using var person = await app.SignUpAsync();
        using var content = Gzip($"[{EventBodies.Event("a")}]");

        Assert.Equal(1, (await person.Sdk.PostAsync("/events/", content).JsonAsync(201)).Number("created"));
    }

    [Fact]
    public async Task Post_GzipCutShort_Answers400()
    {
        using var person = await app.SignUpAsync();
        using var whole = Gzip($"[{EventBodies.Event("a")}]");
        var bytes = await whole.ReadAsByteArrayAsync();
        using var content = new ByteArrayContent(bytes[..^1]);
        content.Headers.ContentEncoding.Add("gzip");

        await person.Sdk.PostAsync("/events/", content).JsonAsync(400);
        Assert.Equal(0, await CountAsync(person));
    }

    [Fact]
    public async Task Post_GzipBomb_Answers413()
    {
        using var person = await app.SignUpAsync();
        using var content = Gzip("[" + new string(' ', EventLimits.MaxBodyBytes + 1) + "]");

        Assert.Equal("body-too-large", (await person.Sdk.PostAsync("/events/", content).JsonAsync(413)).Text("code"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_SixtyFiveMebibytes_Answers413(bool chunked)
    {
        using var person = await app.SignUpAsync();
        var bytes = new byte[65 * 1024 * 1024];
        bytes.AsSpan().Fill((byte)' ');
        bytes[0] = (byte)'[';
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events/") { Content = new ByteArrayContent(bytes) };
        request.Headers.TransferEncodingChunked = chunked;

        await person.Sdk.SendAsync(request).JsonAsync(413);
    }

    [Fact]
    public async Task Post_FortyMebibytes_IsBelowTheLimit()
    {
        using var person = await app.SignUpAsync();
        var body = $"[{EventBodies.Event("a")}{new string(' ', 40 * 1024 * 1024)}]";

        Assert.Equal(1, (await person.Sdk.PostAsync("/events/", Json(body)).JsonAsync(201)).Number("created"));
    }

    [Fact]
    public async Task Post_Lines_AreRead()
    {
        using var person = await app.SignUpAsync();
        using var content = new StringContent($"{EventBodies.Event("a")}\n\n{EventBodies.Event("b")}\n", Encoding.UTF8, "application/x-ndjson");

        Assert.Equal(2, (await person.Sdk.PostAsync("/events/", content).JsonAsync(201)).Number("created"));
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "br")]
    [InlineData("application/json", "gzip, gzip")]
    public async Task Post_WhatIsNotSupported_Answers415(string type, string? encoding)
    {
        using var person = await app.SignUpAsync();
        using var content = new ByteArrayContent("[]"u8.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        Assert.Equal("unsupported-media-type", (await person.Sdk.PostAsync("/events/", content).JsonAsync(415)).Text("code"));
    }

    [Theory]
    [InlineData("true", "0.5", 201, 0.5)]
    [InlineData("false", "0.5", 201, 1)]
    [InlineData("true", null, 201, 1)]
    [InlineData("true", "0", 400, 0)]
    [InlineData("true", "1.01", 400, 0)]
    [InlineData("true", "-1", 400, 0)]
    [InlineData("true", "half", 400, 0)]
    [InlineData("true", "1e999999999", 400, 0)]
    public async Task Post_BatchDiscount_ScalesTheCost(string batch, string? discount, int status, double expected)
    {
        using var person = await app.SignUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events/")
        {
            Content = Json($"[{EventBodies.Event("a", """ "model":"gpt-4o","input_tokens":1000000 """)}]"),
        };
        request.Headers.Add("X-LLMObserve-Batch-API", batch);
        if (discount is not null)
        {
            request.Headers.Add("X-LLMObserve-Discount", discount);
        }

        await person.Sdk.SendAsync(request).JsonAsync(status);

        Assert.Equal((decimal)expected * 2.5m, await CostAsync(person));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("99999999999999999999999999")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("soon")]
    public async Task Post_WithAnyTimestamp_IsTaken(string timestamp)
    {
        using var person = await app.SignUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events/") { Content = Json($"[{EventBodies.Event("a")}]") };
        request.Headers.Add("X-LLMObserve-Timestamp", timestamp);

        await person.Sdk.SendAsync(request).JsonAsync(201);
    }

    [Fact]
    public async Task Post_SameIdInTwoAccounts_CountsInBoth()
    {
        using var one = await app.SignUpAsync();
        using var two = await app.SignUpAsync();
        var body = $"[{EventBodies.Event("shared", """ "tenant_id":"default_tenant" """)}]";

        Assert.Equal(1, (await one.Sdk.PostAsync("/events/", Json(body)).JsonAsync(201)).Number("created"));
        Assert.Equal(1, (await two.Sdk.PostAsync("/events/", Json(body)).JsonAsync(201)).Number("created"));
        Assert.Equal((1, 1), (await CountAsync(one), await CountAsync(two)));
    }

    [Fact]
    public async Task Post_ByManyClientsAtOnce_CountsEachIdOnce()
    {
        using var person = await app.SignUpAsync();
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(async client =>
        {
            var body = string.Join(',', Enumerable.Range(client * 10, 60).Select(i => EventBodies.Event($"e{i}")));
            return (await person.Sdk.PostAsync("/events/", Json($"[{body}]")).JsonAsync(201)).Number("created");
        }));

        Assert.Equal(250, created.Sum());
        Assert.Equal(250, await CountAsync(person));
    }

    [Fact]
    public async Task Post_EveryField_IsStored()
    {
        using var person = await app.SignUpAsync();
        var at = TimeProvider.System.GetUtcNow().AddHours(-2);
        var body = EventBodies.Event(
            "a",
            $$"""
            "parent_span_id":"p","section_path":"agent:Writer/tool:x","model":"gpt-4o-2024-08-06",
            "customer_id":"acme","input_tokens":10,"output_tokens":5,"cached_tokens":3,"cost_usd":0.1,"latency_ms":12.5,"status":"timeout",
            "is_streaming":true,"stream_cancelled":true,"event_metadata":{"k":"v"},"semantic_label":"l","voice_call_id":"v",
            "audio_duration_seconds":1.25,"voice_segment_type":"stt","voice_platform":"vapi","occurred_at":"{{at:O}}","hold_id":"h"
            """);

        await person.Sdk.PostAsync("/events/", Json($"[{body}]")).JsonAsync(201);

        await using var command = app.Database.CreateCommand(
            """
            SELECT parent_span_id, agent, model, model_raw, customer_id, input_tokens, output_tokens, cached_tokens, client_cost_nanos, latency_ms,
                   status, is_error, is_streaming, stream_cancelled, metadata_json, semantic_label, voice_call_id, audio_duration_seconds,
                   voice_segment_type, voice_platform, hold_id, occurred_at
            FROM events WHERE account_id = (SELECT a.id FROM accounts a JOIN users u ON u.id = a.personal_user_id WHERE u.email = $1)
            """);
        command.Parameters.Add(new() { Value = person.Email });
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        var values = new object[row.FieldCount - 1];
        row.GetValues(values);
        Assert.Equal(
            [
                "p", "writer", "gpt-4o", "gpt-4o-2024-08-06", "acme", 10L, 5L, 3L, 100_000_000L, 12, "timeout", true, true, true, """{"k":"v"}""", "l", "v",
                1.25m, "stt", "vapi", "h",
            ],
            values);
        Assert.Equal(at.UtcTicks / 10, row.GetFieldValue<DateTimeOffset>(21).UtcTicks / 10);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static ByteArrayContent Gzip(string body)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes(body));
        }

        var content = new ByteArrayContent(zipped.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private async Task<long> CountAsync(TestPerson person) => (long)(await QueryAsync("count(*)", person))!;

    private async Task<decimal> CostAsync(TestPerson person) => (decimal)(await QueryAsync("coalesce(sum(cost_nanos), 0)", person))! / 1_000_000_000m;

    private async Task<string[]> IdsAsync(TestPerson person) => (string[])(await QueryAsync("array_agg(id::text)", person))!;

    private async Task<object?> QueryAsync(string what, TestPerson person)
    {
        await using var command = app.Database.CreateCommand(
            $"SELECT {what} FROM events WHERE account_id = (SELECT a.id FROM accounts a JOIN users u ON u.id = a.personal_user_id WHERE u.email = $1)");
        command.Parameters.Add(new() { Value = person.Email });
        return await command.ExecuteScalarAsync();
    }
}
