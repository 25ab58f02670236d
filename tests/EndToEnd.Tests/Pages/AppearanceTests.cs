using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>
/// Every page in light, dark and on a telephone: no serious fault by axe-core, nothing wider than the screen, nothing that a script complains
/// about. Pictures go to <c>tests/EndToEnd.Tests/screenshots</c>, for people.
/// </summary>
[Collection(PagesCollection.Name)]
public sealed class AppearanceTests(DashboardFixture fixture)
{
    private const int Telephone = 390;

    private const string Axe = """
        async () => {
          const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
          return JSON.stringify(found.violations.filter(fault => ['serious', 'critical'].includes(fault.impact))
            .map(fault => `${fault.id}: ${fault.nodes.slice(0, 3).map(node => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).join(' | ')}`));
        }
        """;

    public static TheoryData<string, bool, int> Looks => new()
    {
        { "light", false, 1360 },
        { "dark", true, 1360 },
        { "phone", false, Telephone },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task EveryPage_HasNoSeriousFaultAndFits(string look, bool dark, int width)
    {
        var (client, window) = await fixture.ArriveAsync(dark, width);
        using var program = client;
        await using var browser = window;
        var pages = await FillAsync(client);
        var faults = new List<string>();
        var script = await File.ReadAllTextAsync(Path.Combine(Programs.Npm, "node_modules", "axe-core", "axe.min.js"));
        foreach (var (name, path) in pages)
        {
            await window.Page.GotoAsync(path);
            // Not by a script tag, which the page's policy forbids.
            await window.Page.EvaluateAsync(script);
            var found = JsonSerializer.Deserialize<string[]>(await window.Page.EvaluateAsync<string>(Axe))!;
            faults.AddRange(found.Select(fault => $"{path}: {fault}"));
            var wider = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            if (wider > 0)
            {
                faults.Add($"{path}: wider than the screen by {wider} pixels");
            }

            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}-{look}.png"), FullPage = true });
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        window.AssertNoComplaints();
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task EveryPageBeforeSigningIn_HasNoSeriousFaultAndFits(string look, bool dark, int width)
    {
        await using var window = await fixture.OpenAsync(dark, width);
        var faults = new List<string>();
        var script = await File.ReadAllTextAsync(Path.Combine(Programs.Npm, "node_modules", "axe-core", "axe.min.js"));
        foreach (var (name, path) in new[] { ("welcome", "/"), ("sign-in", "/sign-in"), ("sign-up", "/sign-up"), ("forgot", "/forgot"), ("not-found", "/nothing-is-here") })
        {
            await window.Page.GotoAsync(path);
            await window.Page.EvaluateAsync(script);
            faults.AddRange(JsonSerializer.Deserialize<string[]>(await window.Page.EvaluateAsync<string>(Axe))!.Select(fault => $"{path}: {fault}"));
            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}-{look}.png"), FullPage = true });
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static string Screenshots => Directory.CreateDirectory(
        typeof(AppearanceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == "Screenshots").Value!).FullName;

    /// <summary>Gives the account something to show on every page, and the pages.</summary>
    private static async Task<IReadOnlyList<(string Name, string Path)>> FillAsync(ApiClient client)
    {
        (await client.PostEventsAsync(Harness.Events.Batch("shown", 200))).Expect(HttpStatusCode.Created);
        JsonObject[] vectors = [.. Enumerable.Range(0, 12).Select(i =>
        {
            var call = Harness.Events.Call($"vector-{i}");
            call["provider"] = "pinecone";
            call["model"] = null;
            call["span_type"] = "vector_db";
            call["endpoint"] = i % 3 == 0 ? "upsert" : "query";
            call["cost_usd"] = 0.0004m;
            return call;
        })];
        (await client.PostEventsAsync(vectors)).Expect(HttpStatusCode.Created);
        var cap = await client.CreateCapAsync("customer", "acme", 2);
        await client.CreateCapAsync("global", null, 0.001m);
        var key = (await client.GetAsync("api-keys"))[0].GetProperty("id").GetString()!;
        var run = (await client.GetAsync("runs/latest?limit=1")).GetProperty("items")[0].GetProperty("run_id").GetString()!;
        return
        [
            ("overview", "/"),
            ("overview-filtered", "/?range=custom&from=2020-01-01&to=2020-01-31&customer=acme&provider=openai"),
            ("llms", "/llms"),
            ("infrastructure", "/infrastructure"),
            ("agents", "/agents"),
            ("customers", "/customers"),
            ("customer", "/customers/acme"),
            ("runs", "/runs"),
            ("run", $"/runs/{Uri.EscapeDataString(run)}"),
            ("caps", "/caps"),
            ("cap", $"/caps/{cap}"),
            ("cap-new", "/caps/new?type=customer&target=acme"),
            ("settings", "/settings"),
            ("settings-keys", "/settings/keys"),
            ("settings-members", "/settings/members"),
            ("settings-account", "/settings/account"),
            ("settings-key", $"/settings/keys/{key}"),
            ("settings-prices", "/settings/prices"),
            ("onboarding", "/onboarding"),
        ];
    }
}
