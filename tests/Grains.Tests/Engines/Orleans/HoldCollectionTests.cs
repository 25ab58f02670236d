using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Grains.Tests.Holds;
using LlmObserve.Testing;
using Orleans.Runtime;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>An account with open holds is not idle, though nobody calls it.</summary>
public sealed class HoldCollectionTests(PostgresFixture postgres) : HoldTest(postgres)
{
    /// <summary>What is idle for longer is collected. A silo measures that in real time, so this is how long the test takes.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Account_WithAnOpenHold_StaysWhereAnIdleOneIsCollected()
    {
        HoldState before, after;
        TimeSpan longest;
        do
        {
            var (holding, idle) = (await Host.SignUpAsync(), await Host.SignUpAsync());
            await CreateCapAsync(holding, "1");
            before = await GrantAsync(holding, "0.4", time: HoldLimits.MaxTime);
            await Host.Account(idle).GetSettingsAsync();
            longest = await CollectUntilGoneAsync(idle);
            after = await StateAsync(holding, before);
        }
        while (longest >= s_age / 2); // The machine stood still, and what ticks every second of the test's was idle for long: again.

        // Had it been collected, the next would have taken the hold over, for a second more.
        Assert.Equal(before, after);
    }

    /// <summary>Lets time pass without a call, collecting what is idle, until one account is gone. The longest real time between two looks.</summary>
    private async Task<TimeSpan> CollectUntilGoneAsync(AccountId idle)
    {
        var management = Host.Grains.GetGrain<IManagementGrain>(0);
        var longest = TimeSpan.Zero;
        while (await management.GetActivationAddress(Host.Account(idle)) is not null)
        {
            var began = TimeProvider.System.GetTimestamp();
            Clock.Advance(TimeSpan.FromSeconds(1));
            await management.ForceActivationCollection(s_age);
            var took = TimeProvider.System.GetElapsedTime(began);
            longest = took > longest ? took : longest;
        }

        return longest;
    }
}
