using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>What goes around row security is a short list, and <c>src/Storage/README.md</c> has it.</summary>
public sealed partial class OwnersCommandsTests
{
    /// <summary>The two that row security holds: the read of one account, and the append.</summary>
    private static readonly string[] s_guarded = ["AccountRead", "LedgerConnection"];

    [Fact]
    public void Files_ThatMakeCommandsAsTheOwner_AreNamed()
    {
        var folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src/Storage"));
        var named = Name().Matches(File.ReadAllText(Path.Combine(folder, "README.md"))).Select(match => match.Groups["name"].Value).ToHashSet();
        var making = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => Making().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetFileName(file).Split('.')[0])
            .Distinct()
            .Except(s_guarded)
            .ToList();

        Assert.True(making.Count > 10, $"Only {making.Count} files were found to make commands.");
        Assert.Empty(making.Except(named));
        Assert.DoesNotContain(making, name => name is "StatsStore" or "RunsStore" or "StretchCover");
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"CreateCommand\(|CreateBatch\(|new Npgsql(Command|Batch)\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Making();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
