using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Holds;

namespace LlmObserve.Storage.Tests.Holds;

/// <summary>An account that exists, with an epoch taken, for tests of its holds.</summary>
internal sealed class HeldAccount(StorageDatabase database, AccountId id, long epoch)
{
    public static readonly DateTimeOffset Now = Ledger.Events.Now;

    public AccountId Id { get; } = id;

    public long Epoch { get; private set; } = epoch;

    /// <summary>Of the activation that holds <see cref="Epoch"/>.</summary>
    public Guid Activation { get; private set; } = Guid.NewGuid();

    public static async Task<HeldAccount> CreateAsync(StorageDatabase database)
    {
        var id = AccountId.New();
        await database.ExecuteAsync($"INSERT INTO accounts (id, name, created_at, updated_at) VALUES ('{id.Value}', 'Acme', now(), now())");
        return new HeldAccount(database, id, (await database.TakeEpochAsync(id)).Epoch);
    }

    /// <summary>As the account's next activation does.</summary>
    public async Task WakeAsync() =>
        (Epoch, Activation) = ((await database.TakeEpochAsync(Id)).Epoch, Guid.NewGuid());

    /// <summary>Caps of the account, by ascending id: the order in which they are locked.</summary>
    public async Task<CapId[]> AddCapsAsync(int count)
    {
        var store = new CapsStore(database.Db);
        CapId[] caps = [.. Enumerable.Range(0, count).Select(_ => CapId.New()).OrderBy(cap => cap.Value)];
        foreach (var cap in caps)
        {
            Assert.True(await store.InsertAsync(
                new Cap
                {
                    Id = cap,
                    Account = Id,
                    Scope = new CapScope(CapType.Global, ""),
                    TargetName = "",
                    Limit = new Usd(1_000),
                    Period = CapPeriod.Daily,
                    Enforcement = CapEnforcement.HardBlock,
                    Thresholds = [1m],
                    CreatedAt = Now,
                    UpdatedAt = Now,
                },
                Epoch,
                null,
                default));
        }

        return caps;
    }

    public Task<bool> WriteAsync(HoldsStore store, params CapCeiling[] ceilings) =>
        store.WriteCeilingsAsync(Id, Epoch, Activation, ceilings, Now, default);

    /// <summary>What an activation that has just begun finds.</summary>
    public async Task<LoadedHolds> LoadAsync(HoldsStore store, DateTimeOffset? now = null)
    {
        var found = await store.LoadAsync(Id, Guid.NewGuid(), now ?? Now, default);
        return found with { Ceilings = [.. found.Ceilings.OrderBy(ceiling => ceiling.Cap.Value).ThenBy(ceiling => ceiling.Amount)] };
    }

    /// <summary>All rows of the account in a table, also those that no load shows.</summary>
    public Task<long> CountAsync(string table) => database.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE account_id = '{Id.Value}'");
}
