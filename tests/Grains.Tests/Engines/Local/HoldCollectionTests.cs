using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Tests.Holds;
using LlmObserve.LocalOrleans;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>An account with open holds is not idle, though nobody calls it.</summary>
public sealed class HoldCollectionTests(PostgresFixture postgres) : HoldTest(postgres)
{
    private static readonly TimeSpan s_age = new LocalOrleansOptions().CollectionAge;

    [Fact]
    public async Task Account_WithAnOpenHold_StaysInMemoryUntilItHasEnded()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");
        await GrantAsync(account, "0.4", time: HoldLimits.MaxTime);

        await PassAsync(HoldLimits.MaxTime - TimeSpan.FromSeconds(1));
        Assert.Equal(1, Active());
        Assert.Single(await CeilingsAsync(account));

        await PassAsync(s_age * 2);
        Assert.Equal(0, Active());
        Assert.Equal(1, measured.Sum("llmobserve.holds.ended", "how", "expired"));
        Assert.Empty(await CeilingsAsync(account));
        Assert.Equal(0, await OpenHoldRowsAsync(account));

        decimal Active() => measured.Sum("llmobserve.grain.active", "grain.type", "account");
    }

    [Fact]
    public async Task Account_WithoutHolds_GoesWhenItIsIdle()
    {
        using var measured = Measure(Host);
        var account = await Host.SignUpAsync();
        await CreateCapAsync(account, "1");

        await PassAsync(s_age * 2);

        Assert.Equal(0, measured.Sum("llmobserve.grain.active", "grain.type", "account"));
    }

    /// <summary>Lets time pass without calling the account, and leaves it the processor to do what is due.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            if ((int)passed.TotalSeconds % 10 == 0)
            {
                await AskAsync("SELECT 1");
            }
        }
    }
}
