using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Holds;
using Npgsql;

namespace LlmObserve.Storage.Tests.Holds;

/// <summary>Writes of holds that meet a successor, a deletion of a cap, or one another, with real locks.</summary>
public sealed class HoldsFenceTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset s_until = HeldAccount.Now.AddMinutes(10);

    private readonly HoldsStore _store = new(database.Db);
    private HeldAccount _account = null!;
    private CapId[] _caps = [];

    public async Task InitializeAsync()
    {
        _account = await HeldAccount.CreateAsync(database);
        _caps = await _account.AddCapsAsync(2);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task WriteCeilings_SuccessorTakesItsEpochFirst_WaitsAndWritesNothing()
    {
        await using var successor = await BeginAsync($"UPDATE ledger_heads SET epoch = epoch + 1 WHERE account_id = '{_account.Id.Value}'");
        var late = _account.WriteAsync(_store, Ceiling(_caps[0], 100));
        await database.LockWaitersAsync(1);
        Assert.False(late.IsCompleted);

        await successor.CommitAsync();

        Assert.False(await late);
        Assert.Equal(0, await _account.CountAsync("cap_ceilings"));
    }

    [Fact]
    public async Task WriteCeilings_UnderWay_SuccessorWaitsAndSeesIt()
    {
        await using var locked = await BeginAsync($"SELECT FROM caps WHERE id = '{_caps[0].Value}' FOR UPDATE");
        var write = _account.WriteAsync(_store, Ceiling(_caps[0], 100), Ceiling(_caps[1], 200));
        await database.LockWaitersAsync(1);
        var successor = database.TakeEpochAsync(_account.Id);
        await database.LockWaitersAsync(2);
        Assert.False(successor.IsCompleted);

        await locked.CommitAsync();

        Assert.True(await write);
        Assert.Equal(_account.Epoch + 1, (await successor).Epoch);
        Assert.Equal([Ceiling(_caps[0], 100), Ceiling(_caps[1], 200)], (await _account.LoadAsync(_store)).Ceilings);
    }

    [Fact]
    public async Task WriteCeilings_RacesWithSuccessors_IsRefusedOrSeen()
    {
        for (var round = 0; round < 50; round++)
        {
            var amount = round + 1;
            var epoch = _account.Epoch;
            var write = Task.Run(() => _account.WriteAsync(_store, Ceiling(_caps[0], amount)));
            var taken = Task.Run(async () =>
            {
                var head = await database.TakeEpochAsync(_account.Id);
                return (Head: head, Found: await _account.LoadAsync(_store));
            });

            var written = await write;
            var (head, found) = await taken;
            Assert.Equal(epoch + 1, head.Epoch);
            Assert.Equal(written, found.Ceilings.Contains(Ceiling(_caps[0], amount)));
            await _account.WakeAsync();
        }
    }

    [Theory]
    [InlineData("adopt")]
    [InlineData("store")]
    public async Task AdoptOrStore_SuccessorTakesItsEpochFirst_WaitsAndWritesNothing(string what)
    {
        await _account.WriteAsync(_store, Ceiling(_caps[0], 100));
        await database.ExecuteAsync(
            $"INSERT INTO open_holds VALUES ('{_account.Id.Value}', gen_random_uuid(), '', '', '', '', 1, now(), now())");
        await using var successor = await BeginAsync($"UPDATE ledger_heads SET epoch = epoch + 1 WHERE account_id = '{_account.Id.Value}'");
        var late = what == "adopt"
            ? _store.AdoptAsync(_account.Id, _account.Epoch, _account.Activation, [Ceiling(_caps[1], 200)], default)
            : _store.StoreAsync(_account.Id, _account.Epoch, _account.Activation, [], default);
        await database.LockWaitersAsync(1);

        await successor.CommitAsync();

        Assert.False(await late);
        var found = await _account.LoadAsync(_store);
        Assert.Equal([Ceiling(_caps[0], 100)], found.Ceilings);
        Assert.Single(found.Holds);
    }

    [Fact]
    public async Task WriteCeilings_CapIsBeingDeleted_WaitsAndLeavesItOut()
    {
        await _account.WriteAsync(_store, Ceiling(_caps[0], 1));
        await using var deletion = await BeginAsync($"DELETE FROM caps WHERE id = '{_caps[0].Value}'");
        var write = _account.WriteAsync(_store, Ceiling(_caps[0], 100), Ceiling(_caps[1], 200));
        await database.LockWaitersAsync(1);

        await deletion.CommitAsync();

        Assert.True(await write);
        Assert.Equal([Ceiling(_caps[1], 200)], (await _account.LoadAsync(_store)).Ceilings);
        Assert.Equal(1, await _account.CountAsync("cap_ceilings"));
    }

    /// <summary>The first write gave up, its statement did not: it waits for a lock while the next write of the same activation lands.</summary>
    [Fact]
    public async Task WriteCeilings_EarlierWriteLandsAfterALater_DoesNotUndoIt()
    {
        await using var locked = await BeginAsync($"SELECT FROM caps WHERE id = '{_caps[0].Value}' FOR UPDATE");
        var zombie = _account.WriteAsync(_store, Ceiling(_caps[0], 100), Ceiling(_caps[1], 100));
        await database.LockWaitersAsync(1);
        Assert.True(await _account.WriteAsync(_store, Ceiling(_caps[1], 150)));

        await locked.CommitAsync();
        await zombie;

        Assert.Equal([Ceiling(_caps[0], 100), Ceiling(_caps[1], 150)], (await _account.LoadAsync(_store)).Ceilings);
    }

    [Fact]
    public async Task WriteCeilings_EarlierEndLandsAfterALaterRaise_DoesNotUndoIt()
    {
        await _account.WriteAsync(_store, Ceiling(_caps[1], 100));
        await using var locked = await BeginAsync($"SELECT FROM caps WHERE id = '{_caps[0].Value}' FOR UPDATE");
        var zombie = _account.WriteAsync(_store, Ceiling(_caps[0], 100), Ceiling(_caps[1], 0));
        await database.LockWaitersAsync(1);
        Assert.True(await _account.WriteAsync(_store, Ceiling(_caps[1], 150)));

        await locked.CommitAsync();
        await zombie;

        Assert.Equal([Ceiling(_caps[0], 100), Ceiling(_caps[1], 150)], (await _account.LoadAsync(_store)).Ceilings);
    }

    [Fact]
    public async Task DeleteCap_Rows_GoWithItAndNoOther()
    {
        var store = new CapsStore(database.Db);
        await _account.WriteAsync(_store, Ceiling(_caps[0], 100), Ceiling(_caps[1], 200));
        await _account.WakeAsync();
        await _account.WriteAsync(_store, Ceiling(_caps[0], 300));
        await AddOverrunsAsync();

        Assert.False(await store.DeleteAsync(_account.Id, _caps[0], _account.Epoch - 1, null, default));
        Assert.Equal((3, 2), (await _account.CountAsync("cap_ceilings"), await _account.CountAsync("cap_overruns")));
        Assert.True(await store.DeleteAsync(_account.Id, _caps[0], _account.Epoch, null, default));

        Assert.Equal([Ceiling(_caps[1], 200)], (await _account.LoadAsync(_store)).Ceilings);
        Assert.Equal(_caps[1], Assert.Single(await _store.LoadOverrunsAsync(_account.Id, DateTimeOffset.UnixEpoch, default)).Cap);
        Assert.False(await store.DeleteAsync(_account.Id, _caps[0], _account.Epoch, null, default));
    }

    [Fact]
    public async Task DeleteCap_CommitUnderWayAddsAnOverrun_LeavesNone()
    {
        await using var commit = await BeginAsync($"SELECT FROM ledger_heads WHERE account_id = '{_account.Id.Value}' FOR UPDATE");
        var deletion = new CapsStore(database.Db).DeleteAsync(_account.Id, _caps[0], _account.Epoch, null, default);
        await database.LockWaitersAsync(1);
        await AddOverrunsAsync();

        await commit.CommitAsync();

        Assert.True(await deletion);
        Assert.Equal(_caps[1], Assert.Single(await _store.LoadOverrunsAsync(_account.Id, DateTimeOffset.UnixEpoch, default)).Cap);
    }

    private static CapCeiling Ceiling(CapId cap, long nanos) => new(cap, new Usd(nanos), s_until);

    private Task AddOverrunsAsync() => database.ExecuteAsync(
        $"""
        INSERT INTO cap_overruns (account_id, cap_id, period_start, calls, overrun_nanos)
        SELECT '{_account.Id.Value}', cap, '2026-11-20 00:00Z', 1, 5 FROM unnest(ARRAY['{_caps[0].Value}', '{_caps[1].Value}']::uuid[]) cap
        """);

    /// <summary>A transaction that has done something and keeps its locks until it is committed or disposed.</summary>
    private async Task<OpenTransaction> BeginAsync(string sql)
    {
        var connection = await database.Db.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("BEGIN; " + sql, connection);
        await command.ExecuteNonQueryAsync();
        return new OpenTransaction(connection);
    }

    private sealed class OpenTransaction(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async Task CommitAsync()
        {
            await using var command = new NpgsqlCommand("COMMIT", connection);
            await command.ExecuteNonQueryAsync();
        }

        // The pool rolls back what was not committed.
        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
