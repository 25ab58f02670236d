using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Stats;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using static LlmObserve.Storage.Tests.Stats.PlainSums;

namespace LlmObserve.Storage.Tests.Stats;

/// <summary>Lists of customers equal plain sums over the events, whatever of the closed stretches is there.</summary>
public sealed class StretchTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 4, 10, 37, 12, TimeSpan.Zero);

    /// <summary>Every combination of what narrows a list.</summary>
    private static readonly StatsFilter[] s_filters =
    [
        .. from provider in (string?[])[null, "openai"]
           from model in (string?[])[null, "gpt-4o", ""]
           from agent in (string?[])[null, "writer", ""]
           select new StatsFilter(null, provider, model, agent),
        new("acme", null, "gpt-4o", null),
    ];

    private readonly StatsStore _store = new(database.Db);
    private readonly LedgerStretches _stretches = new(database.Db, NullLogger<LedgerStretches>.Instance);

    [Theory]
    [InlineData(1, "UTC")]
    [InlineData(2, "Asia/Kolkata")]
    [InlineData(3, "America/New_York")]
    [InlineData(4, "Australia/Lord_Howe")]
    public async Task List_BeforeAndAfterClosing_EqualsPlainSums(int seed, string zone)
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse(zone), s_now, seed);
        await AssertListsAsync(ledger);

        // Only some of it, as where a round was cut off.
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now.AddDays(-20), default);
        await AssertListsAsync(ledger);
        Assert.NotEqual(0, await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default));
        Assert.InRange((await CoverAsync(ledger)).Stretches.Length, 15, 25);
        await AssertListsAsync(ledger);
        Assert.Equal(0, await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default));

        // Late, into days that are closed; and far too late, into one where nothing should land any more.
        await ledger.AddAsync(database, seed: seed + 100, count: 40, days: 7);
        await ledger.AddAsync(database, [Ledger.Events.Make("too late", 5_000_000_000, s_now, s_now.AddDays(-20))]);
        Assert.InRange((await CoverAsync(ledger)).Stretches.Length, 1, 14);
        await AssertListsAsync(ledger);
        Assert.NotEqual(0, await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default));
        await AssertListsAsync(ledger);

        // Days later, when open days have been put together.
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now.AddDays(15), default);
        Assert.InRange((await CoverAsync(ledger)).Stretches.Length, 9, 12);
        await AssertListsAsync(ledger);
        await AssertTidyAsync();
    }

    [Fact]
    public async Task List_ClosedDays_AreReadFromTheirStretches()
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 11);
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        await database.ExecuteAsync(
            $"""
            UPDATE usage_stretch_customer SET calls = calls + 1000
            WHERE stretch_id IN (SELECT id FROM usage_stretches WHERE account_id = '{ledger.Account.Value}')
            """);

        foreach (var filter in s_filters.Where(filter => filter.CustomerId is null))
        {
            var (plan, page) = await ListAsync(ledger, ledger.Zone, new StatsWindow(s_now.AddDays(-28), s_now), filter);
            var stored = Sum(Matching(ledger.Events, plan.Window, filter)).Calls;
            Assert.True(page.Rows.Sum(row => row.Figures.Calls) > stored + 1000, $"{filter} reads closed stretches");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task List_WindowBeginsWithinAStretch_HasNobodyFromBefore(int daysIn, int daysTakenAway)
    {
        var begins = s_now.AddDays(-21).AddHours(-10);
        while (DateOnly.FromDateTime(begins.UtcDateTime).DayNumber % 3 != 0)
        {
            begins = begins.AddDays(-1);
        }

        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 19, count: 500);
        await ledger.AddAsync(
            database,
            [
                Ledger.Events.Make("before", receivedAt: begins) with { CustomerId = "before" },
                Ledger.Events.Make("within", receivedAt: begins.AddDays(2)) with { CustomerId = "within" },
                Ledger.Events.Make("both", receivedAt: begins) with { CustomerId = "both" },
                Ledger.Events.Make("and both", receivedAt: begins.AddDays(2)) with { CustomerId = "both" },
            ]);
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        var asked = new StatsWindow(begins.AddDays(daysIn), s_now);
        var filter = new StatsFilter(null, "openai", null, null);

        var (plan, page) = await ListAsync(ledger, ledger.Zone, asked, filter);

        AssertSame(Expected(ledger.Events, plan.Window, filter, StatsGroup.Customer), page);
        Assert.Equal(1, page.Rows.Count(row => row.Name is "within"));
        Assert.DoesNotContain(page.Rows, row => row.Name is "before");
        Assert.Equal(daysTakenAway, (await CoverAsync(ledger, asked)).Beyond.Sum(slice => (slice.To - slice.From).TotalDays));
    }

    [Fact]
    public async Task Close_TwoAtOnce_CloseEachDayOnce()
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 12);
        for (var now = s_now.AddDays(-6); now <= s_now; now = now.AddDays(3))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _stretches.CloseAsync(ledger.Account, ledger.Zone, now, default)));
            await _stretches.CloseAsync(ledger.Account, ledger.Zone, now, default);
            await AssertTidyAsync();
            await AssertListsAsync(ledger);
        }
    }

    [Fact]
    public async Task Close_WhileEventsLand_ListsStayExact()
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 13, count: 500);
        await using var held = await HoldAsync(ledger);
        var closing = _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        await database.LockWaitersAsync(1);

        // The closing has its snapshot and has not written yet.
        await ledger.AddAsync(database, seed: 14, count: 100, days: 6);
        await held.DisposeAsync();
        await closing;

        await AssertListsAsync(ledger);
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        await AssertListsAsync(ledger);
        await AssertTidyAsync();
    }

    [Theory]
    [InlineData("UTC", "Asia/Kolkata")]
    [InlineData("America/New_York", "Pacific/Kiritimati")]
    [InlineData("Pacific/Kiritimati", "America/New_York")]
    public async Task ChangeZone_ClosedDays_ListsStayExact(string from, string to)
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse(from), s_now, seed: 15, days: 50);
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now.AddDays(-2), default);
        var zone = AccountZone.Parse(to);

        // While a closing has begun: the change waits for that and deletes what it made.
        await using var held = await HoldAsync(ledger);
        var closing = _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        await database.LockWaitersAsync(1);
        var change = new LedgerBuckets(database.Db)
            .ChangeZoneAsync(ledger.Account, ledger.Head.Epoch, ledger.Head.LastSeq, ledger.Zone, zone, s_now, null, default);
        await database.LockWaitersAsync(2);
        await held.DisposeAsync();
        await closing;
        Assert.True(await change);

        await AssertAfterChangeAsync(ledger, zone);
        await _stretches.CloseAsync(ledger.Account, zone, s_now, default);
        await AssertAfterChangeAsync(ledger, zone);
        await _stretches.CloseAsync(ledger.Account, zone, s_now.AddDays(15), default);
        await AssertAfterChangeAsync(ledger, zone);
    }

    [Fact]
    public async Task ChangeZone_DaysKeepTheirNumberOfCalls_StretchesGoAllTheSame()
    {
        // A call a day, each for a customer of its own: in the other zone every day has the next one's.
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 20, count: 0);
        var morning = new DateTimeOffset(2026, 11, 4, 10, 0, 0, TimeSpan.Zero);
        await ledger.AddAsync(
            database,
            Enumerable.Range(0, 12).Select(i => Ledger.Events.Make($"e{i}", receivedAt: morning.AddDays(-i)) with { CustomerId = $"customer-{i}" }));
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        var zone = AccountZone.Parse("Asia/Kolkata");

        Assert.True(await new LedgerBuckets(database.Db)
            .ChangeZoneAsync(ledger.Account, ledger.Head.Epoch, ledger.Head.LastSeq, ledger.Zone, zone, s_now, null, default));

        await AssertAfterChangeAsync(ledger, zone);
        await _stretches.CloseAsync(ledger.Account, zone, s_now, default);
        await AssertAfterChangeAsync(ledger, zone);
        await AssertTidyAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task List_PageByPageOverClosedDays_GivesEveryRowOnceInOrder(int rows)
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 16, count: 10);

        // Many of one cost in all, made of different days.
        await ledger.AddAsync(
            database,
            Enumerable.Range(0, 80).Select(i => Ledger.Events.Make($"tie{i}", 1_000 + (i % 40 % 3), s_now.AddDays(-1 - (i % 23))) with
            {
                CustomerId = $"customer-{i % 40}",
                Agent = "writer",
            }));
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        var filter = new StatsFilter(null, null, null, "writer");
        var plan = RollupPlan.For(new StatsWindow(s_now.AddDays(-29), s_now), StatsKeys.CustomersAndLabels, AccountZone.Utc, s_now);
        var expected = Expected(ledger.Events, plan.Window, filter, StatsGroup.Customer);
        var walked = new List<StatsRow>();
        StatsPosition? after = null;
        do
        {
            var page = await _store.ListAsync(new StatsQuery(ledger.Account, plan, filter), StatsGroup.Customer, after, rows, default);
            Assert.Equal(Usd.Sum(expected.Select(row => row.Figures.Cost)), page.Cost);
            walked.AddRange(page.Rows);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(expected.Select(row => (row.Name, row.Figures.Cost)), walked.Select(row => (row.Name, row.Figures.Cost)));
    }

    [Fact]
    public async Task List_EventsDropped_StaysAsItWas()
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Utc, s_now, seed: 17, count: 500);
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now.AddDays(-10), default);

        Assert.NotEmpty(await database.Partitions.DropOldAsync(s_now.AddDays(200), new LedgerRetention(), default));

        await AssertListsAsync(ledger);
        await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default);
        await AssertListsAsync(ledger);
    }

    [Fact]
    public async Task RunOnce_Accounts_AreClosedInTheirZones()
    {
        var ledger = await RandomLedger.CreateAsync(database, AccountZone.Parse("Asia/Kolkata"), s_now, seed: 18, count: 300);
        await database.ExecuteAsync(
            $"INSERT INTO accounts (id, name, time_zone, created_at, updated_at) VALUES ('{ledger.Account.Value}', 'Acme', 'Asia/Kolkata', now(), now())");

        await _stretches.RunOnceAsync(s_now, default);

        Assert.NotEmpty((await CoverAsync(ledger)).Stretches);
        Assert.Equal(0, await _stretches.CloseAsync(ledger.Account, ledger.Zone, s_now, default));
        await AssertListsAsync(ledger);
    }

    private async Task AssertListsAsync(RandomLedger ledger)
    {
        foreach (var asked in WindowsUpTo(ledger.Now))
        {
            foreach (var filter in s_filters)
            {
                var (plan, page) = await ListAsync(ledger, ledger.Zone, asked, filter);
                AssertSame(Expected(ledger.Events, plan.Window, filter, StatsGroup.Customer), page);
            }
        }
    }

    /// <summary>Buckets from before the cut, the beginning of the month in the old or the new zone, keep their edges; later ones are the new zone's.</summary>
    private async Task AssertAfterChangeAsync(RandomLedger ledger, AccountZone zone)
    {
        var (months, weeks) = (
            (Old: ledger.Zone.MonthStart(s_now), New: zone.MonthStart(s_now)), (Old: ledger.Zone.WeekStart(s_now), New: zone.WeekStart(s_now)));
        var cut = ledger.Zone.DayStart(new[] { months.Old, months.New, weeks.Old, weeks.New }.Min());

        // An event is where its bucket begins.
        var moved = ledger.Events
            .Select(e => e with { OccurredAt = (e.OccurredAt < cut ? ledger.Zone : zone).DayStart(e.OccurredAt) })
            .ToList();
        foreach (var asked in (StatsWindow[])[
            new(s_now.AddDays(-45), s_now), new(s_now.AddDays(-25), s_now), new(s_now.AddDays(-9), s_now), new(s_now.AddDays(-40), s_now.AddDays(-9))])
        {
            foreach (var filter in s_filters)
            {
                var (plan, page) = await ListAsync(ledger, zone, asked, filter);
                AssertSame(Expected(moved, plan.Window, filter, StatsGroup.Customer), page);
            }
        }
    }

    private static void AssertSame(List<StatsRow> expected, StatsPage page)
    {
        Assert.Equal(expected.Select(row => row.Name), page.Rows.Select(row => row.Name));
        Assert.All(expected.Zip(page.Rows), pair => PlainSums.AssertSame(pair.First.Figures, pair.Second.Figures));
        Assert.Equal(Usd.Sum(expected.Select(row => row.Figures.Cost)), page.Cost);
    }

    /// <summary>No stretch overlaps another of its account, and no row is left of one that is gone.</summary>
    private async Task AssertTidyAsync()
    {
        Assert.Equal(0, await database.ScalarAsync<long>(
            """
            SELECT count(*) FROM usage_stretches a
            JOIN usage_stretches b ON b.account_id = a.account_id AND b.id <> a.id AND b.from_day < a.to_day AND b.to_day > a.from_day
            """));
        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT count(*) FROM usage_stretch_customer r WHERE NOT EXISTS (SELECT FROM usage_stretches s WHERE s.id = r.stretch_id)"));
    }

    private async Task<(RollupPlan Plan, StatsPage Page)> ListAsync(RandomLedger ledger, AccountZone zone, StatsWindow asked, StatsFilter filter)
    {
        var plan = RollupPlan.For(asked, StatsKeysOf.List(StatsGroup.Customer, filter), zone, s_now);
        return (plan, await _store.ListAsync(new StatsQuery(ledger.Account, plan, filter), StatsGroup.Customer, null, StatsStore.MaxRows, default));
    }

    private Task<StretchCover> CoverAsync(RandomLedger ledger) => CoverAsync(ledger, new StatsWindow(s_now.AddDays(-30), s_now));

    private async Task<StretchCover> CoverAsync(RandomLedger ledger, StatsWindow asked)
    {
        await using var connection = await database.Db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var filter = new StatsFilter(null, "openai", null, null);
        var plan = RollupPlan.For(asked, StatsKeys.CustomersAndLabels, ledger.Zone, s_now);
        return await StretchCover.ReadAsync(transaction, new StatsQuery(ledger.Account, plan, filter), default);
    }

    /// <summary>
    /// Holds up the closing of the newest ended day until disposed: after the statement that makes it took its snapshot, it waits for a
    /// stretch of the same day that somebody else has inserted and not committed.
    /// </summary>
    private async Task<NpgsqlConnection> HoldAsync(RandomLedger ledger)
    {
        var connection = await database.Db.OpenConnectionAsync();
        var day = ledger.Zone.StartOf(ledger.Zone.DateOf(s_now.AddHours(-1)).AddDays(-1));
        await using var command = new NpgsqlCommand(
            $"""
            BEGIN;
            INSERT INTO usage_stretches (account_id, from_day, to_day, calls) VALUES ('{ledger.Account.Value}', '{day:O}', '{day.AddHours(1):O}', 0)
            """,
            connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
