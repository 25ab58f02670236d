using System.Diagnostics.Metrics;

namespace LlmObserve.Storage.Ledger;

/// <summary>Whether the ledger's upkeep runs, and what it left.</summary>
internal sealed class MaintenanceMetrics
{
    private readonly Counter<long> _rounds;
    private readonly Gauge<int> _partitions;

    public MaintenanceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(StorageServices.MeterName);
        _rounds = meter.CreateCounter<long>("llmobserve.ledger.maintenance.rounds", "{round}", "Rounds of upkeep, by outcome");
        _partitions = meter.CreateGauge<int>("llmobserve.ledger.partitions", "{partition}", "Weekly partitions of the events, the coming ones included");
    }

    /// <summary>A round went through.</summary>
    public void Done(int partitions)
    {
        _rounds.Add(1, KeyValuePair.Create("outcome", (object?)"done"));
        _partitions.Record(partitions);
    }

    public void Failed() => _rounds.Add(1, KeyValuePair.Create("outcome", (object?)"failed"));
}
