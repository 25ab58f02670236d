using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Holds;

namespace LlmObserve.Storage.Tests.Holds;

public sealed class HoldsStoreTests(StorageDatabase database) : IClassFixture<StorageDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset s_now = HeldAccount.Now;
    private static readonly DateTimeOffset s_until = s_now.AddMinutes(10);

    private readonly HoldsStore _store = new(database.Db);
    private HeldAccount _account = null!;

    public async Task InitializeAsync() => _account = await HeldAccount.CreateAsync(database);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Load_NothingStored_IsEmpty()
    {
        var found = await _account.LoadAsync(_store);

        Assert.Empty(found.Ceilings);
        Assert.Empty(found.Holds);
    }

    [Fact]
    public async Task WriteCeilings_UpDownAndZero_ReplacesEachAndLeavesTheRest()
    {
        var caps = await _account.AddCapsAsync(4);
        Assert.True(await _account.WriteAsync(_store, [.. caps.Select(cap => new CapCeiling(cap, new Usd(100), s_until))]));

        Assert.True(await _account.WriteAsync(
            _store,
            new CapCeiling(caps[2], Usd.Zero, s_until),
            new CapCeiling(caps[0], new Usd(250), s_until.AddMinutes(1)),
            new CapCeiling(caps[1], new Usd(50), s_until.AddMinutes(-1))));

        var found = await _account.LoadAsync(_store);
        Assert.Equal(
            [
                new(caps[0], new Usd(250), s_until.AddMinutes(1)),
                new(caps[1], new Usd(50), s_until.AddMinutes(-1)),
                new(caps[3], new Usd(100), s_until),
            ],
            found.Ceilings);
        Assert.Equal(3, await _account.CountAsync("cap_ceilings"));
    }

    [Fact]
    public async Task WriteCeilings_ZeroOfNone_WritesNothing()
    {
        var caps = await _account.AddCapsAsync(1);

        Assert.True(await _account.WriteAsync(_store, new CapCeiling(caps[0], Usd.Zero, s_until)));
        Assert.True(await _account.WriteAsync(_store));

        Assert.Equal(0, await _account.CountAsync("cap_ceilings"));
    }

    [Fact]
    public async Task WriteCeilings_UntilBetweenMicroseconds_LastsNoShorter()
    {
        var caps = await _account.AddCapsAsync(1);
        await _account.WriteAsync(_store, new CapCeiling(caps[0], new Usd(1), s_until.AddTicks(1)));

        Assert.Equal(s_until.AddMicroseconds(1), Assert.Single((await _account.LoadAsync(_store, s_until)).Ceilings).Until);
        Assert.Empty((await _account.LoadAsync(_store, s_until.AddMicroseconds(1))).Ceilings);
    }

    [Fact]
    public async Task Load_OwnCeilings_AreLeftOut()
    {
        var caps = await _account.AddCapsAsync(1);
        await _account.WriteAsync(_store, new CapCeiling(caps[0], new Usd(100), s_until));

        Assert.Empty((await _store.LoadAsync(_account.Id, _account.Activation, s_now, default)).Ceilings);
        Assert.Single((await _store.LoadAsync(_account.Id, Guid.NewGuid(), s_now, default)).Ceilings);
    }

    [Fact]
    public async Task Load_SeveralActivationsOfOneCap_AreARowEachUntilTheirTimeIsOver()
    {
        var caps = await _account.AddCapsAsync(1);
        CapCeiling[] left =
        [
            new(caps[0], new Usd(1), s_now.AddMinutes(1)),
            new(caps[0], new Usd(2), s_now.AddMinutes(2)),
            new(caps[0], new Usd(3), s_now.AddMinutes(3)),
        ];
        foreach (var ceiling in left)
        {
            await _account.WriteAsync(_store, ceiling);
            await _account.WakeAsync();
        }

        Assert.Equal(left, (await _account.LoadAsync(_store)).Ceilings);
        Assert.Equal(left.Skip(1), (await _account.LoadAsync(_store, s_now.AddMinutes(1))).Ceilings);
        Assert.Empty((await _account.LoadAsync(_store, s_now.AddMinutes(3))).Ceilings);
    }

    [Fact]
    public async Task WriteCeilings_OthersWhoseTimeIsOver_AreCleanedUpAndNoOther()
    {
        var caps = await _account.AddCapsAsync(2);
        await _account.WriteAsync(_store, new(caps[0], new Usd(1), s_now.AddMinutes(-1)), new(caps[1], new Usd(2), s_now.AddMinutes(1)));
        var other = await HeldAccount.CreateAsync(database);
        await other.WriteAsync(_store, new CapCeiling((await other.AddCapsAsync(1))[0], new Usd(9), s_now.AddMinutes(-1)));
        await _account.WakeAsync();

        Assert.True(await _account.WriteAsync(_store, new CapCeiling(caps[0], new Usd(3), s_now.AddMinutes(-2))));

        Assert.Equal(
            [new(caps[0], new Usd(3), s_now.AddMinutes(-2)), new(caps[1], new Usd(2), s_now.AddMinutes(1))],
            (await _account.LoadAsync(_store, s_now.AddHours(-1))).Ceilings);
        Assert.Equal(1, await other.CountAsync("cap_ceilings"));
    }

    [Fact]
    public async Task WriteCeilings_CapUnknownOrOfAnotherAccount_IsLeftOut()
    {
        var caps = await _account.AddCapsAsync(1);
        var foreign = await (await HeldAccount.CreateAsync(database)).AddCapsAsync(1);

        Assert.True(await _account.WriteAsync(
            _store, new(foreign[0], new Usd(1), s_until), new(CapId.New(), new Usd(2), s_until), new(caps[0], new Usd(3), s_until)));

        Assert.Equal([new(caps[0], new Usd(3), s_until)], (await _account.LoadAsync(_store)).Ceilings);
        Assert.Equal(1, await _account.CountAsync("cap_ceilings"));
    }

    [Fact]
    public async Task Store_EveryKindOfHold_IsLoadedAsItWas()
    {
        var holds = Holds();

        Assert.True(await StoreAsync(holds));

        Assert.Equal(holds.OrderBy(hold => hold.Id.Value), (await _account.LoadAsync(_store)).Holds.OrderBy(hold => hold.Id.Value));
        Assert.Empty((await (await HeldAccount.CreateAsync(database)).LoadAsync(_store)).Holds);
    }

    [Fact]
    public async Task Store_Ceilings_OfThisActivationEndAndOthersStay()
    {
        var caps = await _account.AddCapsAsync(2);
        await _account.WriteAsync(_store, new CapCeiling(caps[0], new Usd(1), s_until));
        await _account.WakeAsync();
        await _account.WriteAsync(_store, new(caps[0], new Usd(2), s_until), new(caps[1], new Usd(3), s_until));

        Assert.True(await StoreAsync([]));

        Assert.Equal([new(caps[0], new Usd(1), s_until)], (await _account.LoadAsync(_store)).Ceilings);
    }

    [Fact]
    public async Task Store_SentAgain_ChangesNothing()
    {
        var holds = Holds();
        await StoreAsync(holds);

        Assert.True(await StoreAsync(holds));

        Assert.Equal(holds.Length, await _account.CountAsync("open_holds"));
    }

    [Fact]
    public async Task Store_AsManyHoldsAsAnAccountMayHave_FitsInOneStatement()
    {
        var hold = Holds()[0];

        Assert.True(await StoreAsync([.. Enumerable.Range(0, HoldLimits.MaxOpen).Select(_ => hold with { Id = HoldId.New() })]));

        Assert.Equal(HoldLimits.MaxOpen, (await _account.LoadAsync(_store)).Holds.Count);
    }

    [Fact]
    public async Task Adopt_StoredHolds_GoAndAreCovered()
    {
        var caps = await _account.AddCapsAsync(2);
        await StoreAsync(Holds());
        await _account.WakeAsync();
        var other = await HeldAccount.CreateAsync(database);
        Assert.True(await _store.StoreAsync(other.Id, other.Epoch, other.Activation, Holds(), default));

        Assert.True(await _store.AdoptAsync(
            _account.Id,
            _account.Epoch,
            _account.Activation,
            [new(caps[0], new Usd(7), s_until), new(caps[1], Usd.Zero, s_until), new(CapId.New(), new Usd(9), s_until)],
            default));

        var found = await _account.LoadAsync(_store);
        Assert.Empty(found.Holds);
        Assert.Equal([new(caps[0], new Usd(7), s_until)], found.Ceilings);
        Assert.NotEmpty((await other.LoadAsync(_store)).Holds);
    }

    [Fact]
    public async Task Write_EpochIsOver_WritesNothing()
    {
        var caps = await _account.AddCapsAsync(2);
        await _account.WriteAsync(_store, new CapCeiling(caps[0], new Usd(1), s_now.AddMinutes(-1)));
        var (epoch, activation) = (_account.Epoch, _account.Activation);
        await StoreAsync([Holds()[0]]);
        await _account.WriteAsync(_store, new CapCeiling(caps[0], new Usd(1), s_until));
        await _account.WakeAsync();
        CapCeiling[] ceilings = [new(caps[0], Usd.Zero, s_until), new(caps[1], new Usd(5), s_until)];

        Assert.False(await _store.WriteCeilingsAsync(_account.Id, epoch, activation, ceilings, s_until.AddDays(1), default));
        Assert.False(await _store.WriteCeilingsAsync(_account.Id, epoch, Guid.NewGuid(), ceilings, s_until.AddDays(1), default));
        Assert.False(await _store.AdoptAsync(_account.Id, epoch, activation, ceilings, default));
        Assert.False(await _store.StoreAsync(_account.Id, epoch, activation, Holds(), default));
        Assert.False(await _store.WriteCeilingsAsync(_account.Id, _account.Epoch + 1, activation, ceilings, s_now, default));

        var found = await _account.LoadAsync(_store);
        Assert.Equal([new(caps[0], new Usd(1), s_until)], found.Ceilings);
        Assert.Single(found.Holds);
    }

    private Task<bool> StoreAsync(StoredHold[] holds) => _store.StoreAsync(_account.Id, _account.Epoch, _account.Activation, holds, default);

    private static StoredHold[] Holds() =>
    [
        new(
            HoldId.New(),
            new CallLabels("openai", "gpt-4o", "researcher", "acme"),
            new Usd(123_456_789),
            s_now,
            s_now.AddMinutes(10),
            "key-1",
            "digest-1",
            "event-1"),
        new(HoldId.New(), new CallLabels("", "", "", ""), Usd.Zero, s_now, s_now.AddHours(1), null, null, null),
        new(
            HoldId.New(),
            new CallLabels("öpen'ai\"", "模型 {a,b} NULL", "\\N \t 𝄞", "  customer\u200b, \\\"x\\\"  "),
            HoldLimits.MaxAmount,
            s_now.AddMicroseconds(1),
            s_now.AddDays(1),
            "NULL",
            "",
            "e'); DROP TABLE open_holds; --"),
    ];
}
