using LlmObserve.Domain.Accounts;

namespace LlmObserve.Bench.Seeding;

/// <summary>An account of the seed.</summary>
/// <param name="Id">Fixed, so that a later run finds it.</param>
/// <param name="Events">How many it has.</param>
/// <param name="Days">Over how many days, until the last full hour; 0 from the Monday of last week, the whole of the dedup window.</param>
/// <param name="StoresEvents">
/// Whether the events themselves are stored. Figures of pages and caps come from rollups alone, so accounts that are only read have those
/// and no events; the ledger's head says how many there would be.
/// </param>
internal sealed record SeedAccount(AccountId Id, long Events, int Days, bool StoresEvents)
{
    /// <summary>What is sent to the server joins these.</summary>
    public static readonly SeedAccount Ingest = new(Fixed("0000000000000000000000000000be01"), 3_500_000, 0, StoresEvents: true);

    public static readonly SeedAccount Large = new(Fixed("0000000000000000000000000000be02"), 10_000_000, 90, StoresEvents: false);

    public static readonly SeedAccount Small = new(Fixed("0000000000000000000000000000be03"), 1_000_000, 90, StoresEvents: false);

    public static readonly IReadOnlyList<SeedAccount> All = [Ingest, Large, Small];

    private static AccountId Fixed(string id) => AccountId.Parse(id);
}
