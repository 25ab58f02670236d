using System.Net;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>Runs that programs have sent, an hour ago, and a browser of whoever they belong to.</summary>
internal sealed class SentRuns(ServerProcess server)
{
    private readonly DateTimeOffset _hourAgo = TimeProvider.System.GetUtcNow().AddHours(-1);

    public async Task<Browser> BrowserOfAsync(ApiClient account)
    {
        var browser = new Browser(server.Dashboard);
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("sign-in", ("Form.Email", account.Account.Email), ("Form.Password", account.Account.Password));
        return browser;
    }

    public static async Task SendAsync(ApiClient account, params JsonObject[] events) => Assert.Equal(
        events.Length, (await account.PostEventsAsync(events)).Expect(HttpStatusCode.Created).GetProperty("created").GetInt32());

    /// <summary>A call of 0.0035 dollars that ended some milliseconds after an hour ago.</summary>
    public JsonObject Call(string id, string run, int atMs, string? parent = null) => With(
        Harness.Events.Call(id), ("run_id", run), ("parent_span_id", parent), ("occurred_at", _hourAgo.AddMilliseconds(atMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ")));

    public static JsonObject With(JsonObject call, params (string Name, JsonNode? Value)[] values)
    {
        foreach (var (name, value) in values)
        {
            call[name] = value;
        }

        return call;
    }
}
