using System.Text.Json;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Builder;

namespace LlmObserve.Api.Tests.Http;

public sealed class ListFileTests
{
    private static readonly FileColumns<string> s_columns = new(["name", "length"], (line, row) => line.Add(row).Add(row.Length));

    [Theory]
    [InlineData(4, "a,1|bb,2|ccc,3|dddd,4")]
    [InlineData(3, "a,1|bb,2|ccc,3|cut after 3 rows,")]
    [InlineData(1, "a,1|cut after 1 rows,")]
    public async Task Csv_LongerThanAFile_IsCutAndSaysSo(int maxRows, string lines)
    {
        await using var host = await StartAsync(FileFormat.Csv, maxRows);

        Assert.Equal($"name,length|{lines}|".Replace("|", "\r\n", StringComparison.Ordinal), await host.Client.GetStringAsync("/file"));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(3, true)]
    [InlineData(2, true)]
    public async Task Json_LongerThanAFile_IsCutAndSaysSo(int maxRows, bool truncated)
    {
        await using var host = await StartAsync(FileFormat.Json, maxRows);

        var file = JsonSerializer.Deserialize<JsonElement>(await host.Client.GetStringAsync("/file"));

        Assert.Equal(maxRows, file.GetProperty("items").GetArrayLength());
        Assert.Equal(truncated, file.GetProperty("truncated").GetBoolean());
    }

    private static Task<ApiHost> StartAsync(FileFormat format, int maxRows) => ApiHost.StartAsync(app =>
        app.MapGet("/file", () => new ListFile<string>(format, "names", s_columns, PagesAsync(), maxRows)).Accept(CallerRule.Anyone));

    private static async IAsyncEnumerable<IReadOnlyList<string>> PagesAsync()
    {
        yield return ["a", "bb"];
        await Task.Yield();
        yield return ["ccc"];
        yield return ["dddd"];
    }
}
