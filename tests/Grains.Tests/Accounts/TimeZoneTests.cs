using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Periods;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Accounts;

public sealed class TimeZoneTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Theory]
    [InlineData("Asia/Kolkata")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("America/New_York")]
    [InlineData("Pacific/Apia")]
    public async Task ChangeTimeZone_OpenPeriods_AreRebuilt(string id)
    {
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "100", period: CapPeriod.Daily);
        await CreateCapAsync(account, "100", new CapScope(CapType.Customer, "acme"), CapPeriod.Weekly);
        await CreateCapAsync(account, "100", new CapScope(CapType.Customer, "acme", CapSubScope.Model, "gpt-4o"));

        // One event every half hour over the last six days, each with a cost of its own.
        var hours = Enumerable.Range(0, 6 * 48)
            .Select(i => Event(cost: $"0.{i + 1:000000}", customer: i % 2 == 0 ? "acme" : "beta", at: Clock.GetUtcNow().AddMinutes(-30 * i)));
        await Host.RecordAsync(account, [.. hours]);
        var overall = (await Host.Account(account).GetTotalsAsync()).Overall;

        var settings = await Host.Account(account).ChangeTimeZoneAsync(id);

        Assert.Equal(id, settings.TimeZone);
        var zone = AccountZone.Parse(id);
        var daily = (await Host.Account(account).GetCapsAsync())[0];
        Assert.Equal(zone.PeriodStart(CapPeriod.Daily, Clock.GetUtcNow()), daily.PeriodStart);
        await AssertCapsEqualLedgerAsync(account);
        var totals = await Host.Account(account).GetTotalsAsync();
        Assert.Equal(overall, totals.Overall);
        Assert.Equal(daily.Spent, totals.Day.Cost);

        // And it goes on counting by the new edges, also after a restart.
        await Host.RecordAsync(account, [Event(cost: "1", customer: "acme")]);
        await AssertCapsEqualLedgerAsync(account);
        await using var restarted = await GrainHost.StartAsync(ConnectionString, Clock);
        await AssertCapsEqualLedgerAsync(account, restarted);
    }

    [Fact]
    public async Task ChangeTimeZone_UnknownZone_ChangesNothing()
    {
        var account = await Host.SignUpAsync();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => Host.Account(account).ChangeTimeZoneAsync("Mars/Olympus"));
        Assert.Equal("UTC", (await Host.Account(account).GetSettingsAsync()).TimeZone);
    }
}
