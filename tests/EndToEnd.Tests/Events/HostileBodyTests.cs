using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LlmObserve.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace LlmObserve.EndToEnd.Tests.Events;

/// <summary>Bodies that are broken by accident or on purpose, and one that is only large.</summary>
public sealed class HostileBodyTests(RunningServer running, ITestOutputHelper output) : IClassFixture<RunningServer>
{
    private const long MiB = 1 << 20;

    // Several windows and chunks of several requests, and what the collector leaves lying; a body that is held whole shows at once.
    private const long MemoryBound = 256 * MiB;

    [Fact]
    public async Task PostEvents_HostileBodies_RefusesEachByNameInFlatMemory()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        (await client.PostEventsAsync(Harness.Events.Batch("before", 2000))).Expect(HttpStatusCode.Created);
        var before = running.Server.ResidentBytes();
        var wrong = new List<string>();

        // Twice, since what leaks does so again.
        for (var round = 0; round < 2; round++)
        {
            foreach (var body in HostileBodies.All)
            {
                wrong.AddRange(Complaints(body, await SendAsync(client, body)));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        output.WriteLine($"Memory: {before / MiB} MiB before, {running.Server.ResidentBytes() / MiB} MiB after, {running.Server.PeakBytes() / MiB} MiB at most.");
        Assert.InRange(running.Server.ResidentBytes(), 0, before + MemoryBound);
        var ledger = new LedgerRows(running.Folder.ConnectionString(), client.Account);
        await ledger.AssertIdsAsync(Harness.Events.Batch("before", 2000).Select(call => (string)call["id"]!));
        Assert.DoesNotContain("ERROR", running.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostEvents_OddButReadable_KeepsServerReadable()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);

        foreach (var body in HostileBodies.Harmless)
        {
            (await SendAsync(client, body)).Expect(body.Status);
        }

        var run = await client.GetAsync("runs/run-1");
        Assert.Equal(3, run.GetProperty("call_count").GetInt32());
        Assert.Equal(3 * 0.0035m, run.GetProperty("total_cost").GetDecimal());
    }

    [Fact]
    public async Task PostEvents_SomeBadAmongGood_LandsGoodAndNamesBad()
    {
        using var client = await ApiClient.SignUpAsync(running.Server);
        var batch = Harness.Events.Batch("mixed", 4);
        batch[1]["input_tokens"] = -1;
        batch[1]["run_id"] = 7;
        batch[3]["id"] = "";

        var answer = (await client.PostEventsAsync(batch)).Expect(HttpStatusCode.Created);

        Assert.Equal(2, answer.GetProperty("created").GetInt32());
        var rejected = answer.GetProperty("rejected").EnumerateArray().ToList();
        Assert.Equal([1, 3], rejected.Select(item => item.GetProperty("index").GetInt32()));
        Assert.Equal("mixed-1", rejected[0].GetProperty("id").GetString());
        Assert.Equal(2, rejected[0].GetProperty("errors").GetArrayLength());
        var ledger = new LedgerRows(running.Folder.ConnectionString(), client.Account);
        await ledger.AssertIdsAsync(["mixed-0", "mixed-2"]);
    }

    [Fact]
    public async Task PostEvents_HundredThousandAndOneInOneBody_LandsAll()
    {
        const int Count = 100_001;
        using var client = await ApiClient.SignUpAsync(running.Server);
        await client.CreateCapAsync("global", null, 1_000_000);
        var body = new MemoryStream();
        await using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < Count; i++)
            {
                await gzip.WriteAsync(Encoding.UTF8.GetBytes((i == 0 ? "[" : ",") + Harness.Events.Numbered($"many-{i}", i).ToJsonString()));
            }

            await gzip.WriteAsync("]"u8.ToArray());
        }

        var before = running.Server.PeakBytes();
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        var answer = (await client.PostEventsAsync(content)).Expect(HttpStatusCode.Created);

        Assert.Equal(Count, answer.GetProperty("created").GetInt32());
        output.WriteLine($"Memory: {before / MiB} MiB before, {running.Server.PeakBytes() / MiB} MiB at most.");
        Assert.InRange(running.Server.PeakBytes(), 0, before + MemoryBound);
        var ledger = new LedgerRows(running.Folder.ConnectionString(), client.Account);
        Assert.Equal(Count, (await ledger.IdsAsync()).Distinct().Count());
        await ledger.AssertCapsEqualSumAsync(client);
    }

    private static async Task<Answer> SendAsync(ApiClient client, HostileBody body)
    {
        using var content = body.Content();
        try
        {
            return await client.SendAsync(HttpMethod.Post, "events/", client.Account.Key, content, body.AsksFirst);
        }
        catch (HttpRequestException broken)
        {
            throw new InvalidOperationException($"{body.Name}: the connection broke.", broken);
        }
    }

    private static IEnumerable<string> Complaints(HostileBody body, Answer answer)
    {
        var seen = $"{body.Name}: {(int)answer.Status} {answer.Body[..Math.Min(answer.Body.Length, 600)]}";
        if (answer.Status != body.Status)
        {
            yield return $"{seen} — instead of {(int)body.Status}";
            yield break;
        }

        var problem = answer.Json;
        if (string.IsNullOrEmpty(problem.GetProperty("code").GetString()) || string.IsNullOrEmpty(problem.GetProperty("detail").GetString()))
        {
            yield return $"{seen} — says nothing";
        }

        var paths = problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()!).ToList();
        if (body.Status == HttpStatusCode.UnprocessableEntity && paths.Count == 0)
        {
            yield return $"{seen} — names no fault";
        }

        foreach (var fault in body.Faults.Where(fault => !paths.Exists(path => path.EndsWith(fault, StringComparison.Ordinal))))
        {
            yield return $"{seen} — does not name {fault}";
        }
    }
}
