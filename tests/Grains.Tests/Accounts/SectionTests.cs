using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.Grains.Tests.Accounts;

/// <summary>What sections are counted under, however many there are.</summary>
public sealed class SectionTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Fact]
    public async Task Record_MorePathsThanADayNames_CountsTheRestTogether()
    {
        var account = await Host.SignUpAsync();
        await Host.RecordAsync(account, [.. Paths(0, 600)]);
        await Host.RecordAsync(account, [.. Paths(600, 405), WithPath(new string('x', SectionPaths.MaxBytes + 1)), WithPath(SectionPaths.Others)]);
        Assert.Equal("1000 paths, 1000 calls, 7 others of 1007", await SectionsAsync(account));

        // What is named stays so after a restart, and the day after has places of its own.
        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        await restarted.RecordAsync(account, [WithPath("section-3"), WithPath("new")]);
        Assert.Equal("1000 paths, 1001 calls, 8 others of 1009", await SectionsAsync(account));
        Clock.Advance(TimeSpan.FromDays(1));
        await restarted.RecordAsync(account, [WithPath("new"), Late("newer"), Late("section-4")]);
        Assert.Equal("1001 paths, 1003 calls, 9 others of 1012", await SectionsAsync(account));
    }

    [Fact]
    public async Task ChangeTimeZone_PathsBeyondTheLimit_StaysExactAndBounded()
    {
        var account = await Host.SignUpAsync();
        await Host.RecordAsync(account, [.. Paths(0, 1_003)]);

        await Host.Account(account).ChangeTimeZoneAsync("Asia/Kolkata");

        Assert.Equal("1000 paths, 1000 calls, 3 others of 1003", await SectionsAsync(account));
        await Host.RecordAsync(account, [WithPath("section-3"), WithPath("section-1002"), WithPath("new")]);
        Assert.Equal("1000 paths, 1001 calls, 5 others of 1006", await SectionsAsync(account));
    }

    private IEnumerable<LedgerEvent> Paths(int from, int count) => Enumerable.Range(from, count).Select(i => WithPath($"section-{i}"));

    private LedgerEvent WithPath(string path) => Event() with { SectionPath = path };

    private LedgerEvent Late(string path) => Event(at: Clock.GetUtcNow().AddDays(-1)) with { SectionPath = path };

    private async Task<string> SectionsAsync(AccountId account)
    {
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await using var read = database.CreateCommand(
            $"""
            SELECT count(DISTINCT section_path) FILTER (WHERE named) || ' paths, ' || sum(calls) FILTER (WHERE named) || ' calls, '
              || sum(calls) FILTER (WHERE NOT named) || ' others of ' || (SELECT count(*) FROM events WHERE account_id = '{account.Value}')
            FROM (SELECT *, section_path <> '{SectionPaths.Others}' AS named FROM usage_day_section WHERE account_id = '{account.Value}') AS sections
            """);
        return (string)(await read.ExecuteScalarAsync())!;
    }
}
