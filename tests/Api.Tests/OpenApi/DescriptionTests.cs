using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.Api.Tests.OpenApi;

public sealed class DescriptionTests
{
    /// <summary>Set, this test writes the committed copy instead of comparing with it: <c>./dev openapi</c> does.</summary>
    private const string Update = "LLMOBSERVE_UPDATE_OPENAPI";

    private static readonly JsonSerializerOptions s_readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task Description_OfTheServer_IsTheCommittedOne()
    {
        await using var host = await ApiHost.StartAsync();

        var served = Sorted(JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json"))!).ToJsonString(s_readable) + "\n";

        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 })
        {
            await File.WriteAllTextAsync(CommittedPath(), served);
        }

        Assert.Equal(await File.ReadAllTextAsync(CommittedPath()), served);
    }

    private static string CommittedPath([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/openapi.json"));

    /// <summary>Members in one order, whatever order routes are mapped in; lists stay as they are.</summary>
    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject members => new JsonObject(members
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Sorted(member.Value)))
            .ToList()),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Sorted(item))]),
        _ => node.DeepClone(),
    };
}
