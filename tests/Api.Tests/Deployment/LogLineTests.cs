using System.Text.RegularExpressions;

namespace LlmObserve.Api.Tests.Deployment;

/// <summary>Whoever is on call finds every line that the server logs in <c>docs/operations.md</c>.</summary>
public sealed partial class LogLineTests
{
    [Fact]
    public void LogLines_OfTheServer_AreExplained()
    {
        var lines = Directory.GetFiles(Path.Combine(Repository.Folder, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => LogLine().Matches(File.ReadAllText(file)))
            .Select(match => (Level: match.Groups["level"].Value, Text: match.Groups["text"].Value))
            .ToList();
        var explained = Row().Matches(Repository.Read("docs/operations.md"))
            .Select(match => (Level: match.Groups["level"].Value, Text: match.Groups["text"].Value))
            .ToList();

        Assert.True(lines.Count > 20, $"Only {lines.Count} log lines were found in src.");
        Assert.Empty(lines.Except(explained));
        Assert.Empty(explained.Except(lines));
    }

    // [LoggerMessage(Level = LogLevel.Warning, Message = "Not ready")], [LoggerMessage(20, LogLevel.Information, "Cap …")]
    [GeneratedRegex(@"\[LoggerMessage\([^""]*LogLevel\.(?<level>\w+)[^""]*""(?<text>[^""]*)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LogLine();

    // | Warning | `Not ready` | what it means | what to do |
    [GeneratedRegex(@"^\| (?<level>Debug|Information|Warning|Error) \| `(?<text>[^`]*)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
