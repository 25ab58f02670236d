using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;
using LlmObserve.EndToEnd.Tests.Holds;

namespace LlmObserve.EndToEnd.Tests.Cluster;

/// <summary>Holds of accounts that live on one silo and are reached through several processes.</summary>
public sealed class HoldTests
{
    private const int Accounts = 3;
    private const int Callers = 30;

    /// <summary>A dead silo is noticed in less.</summary>
    private const int TtlSeconds = 8;

    [Fact]
    public async Task Hold_TakenThroughOneProcess_IsSettledThroughTheOther()
    {
        await using var cluster = await RunningCluster.StartAsync();
        using var here = await ApiClient.SignUpAsync(cluster.Apis[0]);
        using var there = here.On(cluster.Apis[1]);
        var cap = await here.CreateCapAsync("global", null, 1m);
        using var throughHere = await Crowd.ConnectAsync(here, cluster.Apis[0], 100);
        using var throughThere = await Crowd.ConnectAsync(here, cluster.Apis[1], 100);

        var answers = await Task.WhenAll(throughHere.AskAsync(_ => Calls.Costing(Calls.Cent)), throughThere.AskAsync(_ => Calls.Costing(Calls.Cent)));

        var (ofHere, ofThere) = (answers[0].Allowed, answers[1].Allowed);
        Assert.Equal(100, ofHere.Count + ofThere.Count);
        Assert.All(answers.SelectMany(each => each.Denied), answer => answer.AssertHeldOff());
        await here.AssertStandsAsync(cap, spent: 0, held: 1);
        await SettleAsync(there, ofHere);
        await SettleAsync(here, ofThere);
        await there.AssertStandsAsync(cap, 100 * Calls.LessCost, held: 0);
        await here.GrantedAsync(Calls.Costing(1 - (100 * Calls.LessCost)));
        await there.HeldOffAsync(Calls.Costing(0.1m));
    }

    [Fact]
    public async Task Silos_KilledWithHoldsOut_PromiseNeverMoreThanTheLimitsAndGiveAllBack()
    {
        await using var cluster = await RunningCluster.StartAsync();
        var clients = new ApiClient[Accounts];
        var promises = new Promises[Accounts];
        var loads = new HoldLoad[Accounts];
        for (var i = 0; i < Accounts; i++)
        {
            var client = clients[i] = await ApiClient.SignUpAsync(cluster.Apis[i % 2]);
            promises[i] = new Promises(
                new PromisedCap(await client.CreateCapAsync("global", null, 0.2m), 0.2m, null),
                new PromisedCap(await client.CreateCapAsync("customer", Calls.Customer, 0.15m), 0.15m, Calls.Customer));
            loads[i] = HoldLoad.Start(client, promises[i], Callers, TtlSeconds, (caller, _) => Task.FromResult(cluster.Apis[caller % 2]));
        }

        try
        {
            // Wherever an account was, it is on the second silo once the first is gone: one of the two deaths is its own, if not both.
            for (var silo = 0; silo < 2; silo++)
            {
                await Task.WhenAll(loads.Select(load => load.FillAsync(0.8m)));
                await cluster.Silos[silo].KillAsync();
                await Task.WhenAll(loads.Select(load => load.FillAsync(0.8m)));
                await cluster.RestartSiloAsync(silo);
            }
        }
        finally
        {
            await Task.WhenAll(loads.Select(load => load.StopAsync()));
        }

        for (var i = 0; i < Accounts; i++)
        {
            await promises[i].AssertAllIsBackAsync(clients[i]);
            await new LedgerRows(cluster.ConnectionString, clients[i].Account).AssertCapsEqualSumAsync(clients[i]);
            clients[i].Dispose();
        }
    }

    private static async Task SettleAsync(ApiClient client, List<JsonElement> holds)
    {
        if (holds.Count > 0)
        {
            var recorded = await client.RecordAsync([.. holds.Select(hold => Calls.Event(hold.HoldId(), hold.HoldId(), Calls.ForLess))]);
            Assert.False(recorded.TryGetProperty("holds", out _), recorded.GetRawText());
        }
    }
}
