using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Grains.Tests.Holds;
using LlmObserve.Testing;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>An account with open holds is not idle, though nobody calls it.</summary>
public sealed class HoldCollectionTests(PostgresFixture postgres) : HoldTest(postgres)
{
    /// <summary>What is idle for longer is collected, at first. A silo measures that in real time, so this is how long the test takes.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(2);

    /// <summary>So many that one may come late, and so few that the hold does not run out.</summary>
    private const int TicksPerAge = 20;

    [Fact]
    public async Task Account_WithAnOpenHold_StaysWhereAnIdleOneIsCollected()
    {
        HoldState before, after;
        var age = s_age;

        // Where the machine stands still, what ticks in every second of the test's is idle for long as well: again, with more time.
        for (; ; age *= 2)
        {
            var (holding, idle) = (await Host.SignUpAsync(), await Host.SignUpAsync());
            await CreateCapAsync(holding, "1");
            before = await GrantAsync(holding, "0.4", time: HoldLimits.MaxTime);
            await Host.Account(idle).GetSettingsAsync();
            var longest = await CollectUntilGoneAsync(idle, age);
            after = await StateAsync(holding, before);
            if (longest < age / 2)
            {
                break;
            }
        }

        // Had it been collected, the next would have taken the hold over, for a second more.
        Assert.Equal(before, after);
    }

    /// <summary>Lets time pass without a call, collecting what is idle, until one account is gone. The longest real time between two ticks.</summary>
    private async Task<TimeSpan> CollectUntilGoneAsync(AccountId idle, TimeSpan age)
    {
        var management = Host.Grains.GetGrain<IManagementGrain>(0);
        var (longest, ticked) = (TimeSpan.Zero, TimeProvider.System.GetTimestamp());
        while (await IsActiveAsync(idle))
        {
            var since = TimeProvider.System.GetElapsedTime(ticked);
            if (since > age / TicksPerAge)
            {
                longest = since > longest ? since : longest;
                ticked = TimeProvider.System.GetTimestamp();
                Clock.Advance(TimeSpan.FromSeconds(1));
            }

            await management.ForceActivationCollection(age);
        }

        var last = TimeProvider.System.GetElapsedTime(ticked);
        return last > longest ? last : longest;

        // Asks the silos themselves: where an activation is looked up, one that is gone may be remembered.
        async Task<bool> IsActiveAsync(AccountId account) =>
            (await management.GetDetailedGrainStatistics()).Any(active => active.GrainId == Host.Account(account).GetGrainId());
    }
}
