using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Holds;

/// <summary>What an account may cost its server, whatever its caps and callers are.</summary>
public sealed class HoldLoadTests(PostgresFixture postgres) : HoldTest(postgres)
{
    [Fact]
    public async Task Hold_UnderThousandsOfCaps_TakesNoMemoryForEach()
    {
        const int Caps = 2_000, Holds = 2_000;
        var account = await Host.SignUpAsync();
        await AskAsync(
            $"""
            INSERT INTO caps (id, account_id, cap_type, target, target_name, sub_scope, sub_target, sub_target_name, limit_nanos, period, enforcement, thresholds, enabled, created_at, updated_at)
            SELECT gen_random_uuid(), '{account}', 'global', '', '', NULL, '', '', 1000000000, 'monthly', 'alert', ARRAY[1], true, now(), now() FROM generate_series(1, {Caps})
            """);
        await GrantAsync(account, "0.01");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Holds; i++)
        {
            await GrantAsync(account, "0.01");
        }

        var perHold = (GC.GetTotalMemory(forceFullCollection: true) - before) / Holds;
        Assert.True(perHold < Caps, $"{perHold} bytes a hold");
    }
}
