using System.Text.RegularExpressions;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Clients;

/// <summary>
/// The README's quick start, to the letter. A comment <c>&lt;!-- quickstart:NAME --&gt;</c> stands on the line before each fence that belongs
/// to it: the <c>curl</c> fences are one shell session, the <c>node</c> fence is a program. Only the server's address differs.
/// </summary>
public sealed partial class QuickStartTests
{
    private const string DocumentedAddress = "http://localhost:8000";

    [Fact]
    public async Task Curl_AsWritten_CountsAnEventDeniesAndSettlesAHold()
    {
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder);
        var session = string.Join('\n', ["set -euo pipefail", .. await FencesAsync(server, "curl")]);

        var start = Programs.Command("bash", ["-c", session]);
        start.WorkingDirectory = folder.Scratch;
        var output = await Programs.SucceedAsync(start);

        Assert.Contains("\"created\":1", output, StringComparison.Ordinal);
        Assert.Contains("\"total_cost\":0.006,", output, StringComparison.Ordinal);
        Assert.Contains("\"customer_id\":\"acme\"", output, StringComparison.Ordinal);
        Assert.Contains("\"allowed\":false", output, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"settled\",\"amount_usd\":0.008,", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_AsWritten_CountsTheCall()
    {
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder);
        using var client = await ApiClient.SignUpAsync(server);
        // What npm install would bring, from where it was installed for these tests.
        Directory.CreateSymbolicLink(Path.Combine(folder.Scratch, "node_modules"), Path.Combine(Programs.Npm, "node_modules"));
        var program = Path.Combine(folder.Scratch, "app.mjs");
        await File.WriteAllTextAsync(program, Assert.Single(await FencesAsync(server, "node")));

        var start = Programs.Command("node", [program]);
        start.Environment["LLMOBSERVE_KEY"] = client.Account.Key;
        start.Environment["OPENAI_API_KEY"] = "of-nobody";
        start.Environment["NODE_OPTIONS"] = Programs.CannedProviders;
        var output = await Programs.SucceedAsync(start);

        Assert.Contains("How can I assist you today?", output, StringComparison.Ordinal);
        var overview = await client.GetAsync("stats/overview?hours=24");
        Assert.Equal(1, overview.GetProperty("call_count").GetInt64());
        Assert.True(overview.GetProperty("total_cost").GetDecimal() > 0);
        Assert.Equal(0, overview.GetProperty("unpriced_count").GetInt64());
    }

    private static async Task<List<string>> FencesAsync(ServerProcess server, string name)
    {
        var readme = await File.ReadAllTextAsync(Programs.Readme);
        var fences = Fence().Matches(readme).Where(match => match.Groups["name"].Value == name)
            .Select(match => match.Groups["text"].Value
                .Replace(DocumentedAddress, server.Api.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(fences);
        return fences;
    }

    [GeneratedRegex(
        @"^<!-- quickstart:(?<name>\w+) -->\n```\w*\n(?<text>.*?)^```",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}
