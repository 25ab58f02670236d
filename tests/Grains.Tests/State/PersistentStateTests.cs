using LlmObserve.Testing;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.Grains.Tests.State;

/// <summary>State of grains by the engine's own provider on the test's PostgreSQL.</summary>
public sealed class PersistentStateTests(PostgresFixture postgres) : GrainTest(postgres)
{
    [Fact]
    public async Task State_WrittenByOneProcess_IsReadByTheNext()
    {
        await using (var first = await StartAsync())
        {
            var tally = Tally(first, "a");
            Assert.Equal(0, await tally.GetAsync());
            await tally.AddAsync(2);
            await tally.AddAsync(3);
        }

        await using var second = await StartAsync();
        Assert.Equal(5, await Tally(second, "a").GetAsync());
        Assert.Equal(0, await Tally(second, "b").GetAsync());
    }

    [Fact]
    public async Task Write_OverAnotherProcessesWrite_IsRefusedAndChangesNothing()
    {
        await using var other = await StartAsync();
        await Tally(Host, "a").AddAsync(1);
        Assert.Equal(1, await Tally(other, "a").GetAsync());
        await Tally(Host, "a").AddAsync(1);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Tally(other, "a").AddAsync(40));

        Assert.Equal(2, await Tally(Host, "a").GetAsync());
        await Tally(other, "a").ReloadAsync();
        await Tally(other, "a").AddAsync(40);
        Assert.Equal(42, await Tally(other, "a").GetAsync());
    }

    [Fact]
    public async Task Clear_ThenWriteOfWhatWasReadBefore_IsRefused()
    {
        await using var other = await StartAsync();
        await Tally(Host, "a").AddAsync(1);
        Assert.Equal(1, await Tally(other, "a").GetAsync());

        await Tally(Host, "a").ClearAsync();

        Assert.Equal(0, await Tally(Host, "a").GetAsync());
        await Assert.ThrowsAsync<InconsistentStateException>(() => Tally(other, "a").AddAsync(1));
        await Tally(Host, "a").AddAsync(7);
        Assert.Equal(7, await Tally(Host, "a").GetAsync());
    }

    private static ITallyGrain Tally(GrainHost host, string key) => host.Grains.GetGrain<ITallyGrain>(key);

    private Task<GrainHost> StartAsync() => GrainHost.StartAsync(ConnectionString, Clock);
}

/// <summary>A number that outlives its process.</summary>
public interface ITallyGrain : IGrainWithStringKey
{
    Task AddAsync(int amount);

    Task<int> GetAsync();

    Task ReloadAsync();

    Task ClearAsync();
}

[GenerateSerializer]
public sealed class TallyState
{
    [Id(0)]
    public int Value { get; set; }
}

public sealed class TallyGrain([PersistentState("tally")] IPersistentState<TallyState> state) : Grain, ITallyGrain
{
    public async Task AddAsync(int amount)
    {
        var before = state.State.Value;
        state.State.Value += amount;
        try
        {
            await state.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            state.State.Value = before;
            throw;
        }
    }

    public Task<int> GetAsync() => Task.FromResult(state.State.Value);

    public Task ReloadAsync() => state.ReadStateAsync();

    public Task ClearAsync() => state.ClearStateAsync();
}
