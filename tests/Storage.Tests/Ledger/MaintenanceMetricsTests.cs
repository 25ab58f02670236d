using LlmObserve.Storage.Ledger;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.Ledger;

public sealed class MaintenanceMetricsTests(StorageDatabase database) : IClassFixture<StorageDatabase>
{
    [Fact]
    public async Task RunOnce_Done_SaysSoAndHowManyPartitionsThereAre()
    {
        using var meters = new TestMeters();
        using var measured = new Measurements(meters);

        using var maintenance = Maintenance(database.Db, meters);
        await maintenance.RunOnceAsync(default);

        Assert.Equal(1, Rounds(measured, "done"));
        Assert.Equal((await database.Partitions.ListAsync(default)).Count, Assert.Single(measured.Of("llmobserve.ledger.partitions")).Value);
    }

    private static decimal Rounds(Measurements measured, string outcome) =>
        measured.Sum("llmobserve.ledger.maintenance.rounds", "outcome", outcome);

    private static LedgerMaintenance Maintenance(NpgsqlDataSource db, TestMeters meters) => new(
        db,
        new LedgerPartitions(db),
        new LedgerStretches(db, NullLogger<LedgerStretches>.Instance),
        new LedgerRetention(),
        TimeProvider.System,
        meters,
        NullLogger<LedgerMaintenance>.Instance);
}
