using System.Net;
using LlmObserve.EndToEnd.Tests.Crashes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Cluster;

/// <summary>Silos die, come back and leave under load.</summary>
public sealed class ClusterTests
{
    /// <summary>So many that each silo has some of them.</summary>
    private const int Accounts = 8;

    [Fact]
    public async Task Silos_KilledRestartedAndDrainedUnderLoad_CountEveryAcknowledgedEventOnce()
    {
        await using var cluster = await RunningCluster.StartAsync();
        var clients = new ApiClient[Accounts];
        var loads = new EventLoad[Accounts];
        for (var i = 0; i < Accounts; i++)
        {
            clients[i] = await ApiClient.SignUpAsync(cluster.Apis[i % 2]);
            await ServerKilledTests.CreateCapsAsync(clients[i]);
            loads[i] = EventLoad.Start(clients[i], clients: 1);
        }

        try
        {
            await MoreAsync(loads, 5);
            await cluster.Silos[0].KillAsync();
            await MoreAsync(loads, 5);
            await cluster.RestartSiloAsync(0);
            await MoreAsync(loads, 5);
            AssertRefusals(loads, cluster);

            // A silo that is told to leave hands its grains over: nobody notices.
            var refusedBefore = loads.Sum(load => load.Refused.Count + load.Lost);
            Assert.Equal(0, await cluster.Silos[1].StopAsync());
            await MoreAsync(loads, 5);
            Assert.True(refusedBefore == loads.Sum(load => load.Refused.Count + load.Lost), $"The drained silo failed a request. {cluster.Log}");
        }
        finally
        {
            await Task.WhenAll(loads.Select(load => load.StopAsync()));
        }

        for (var i = 0; i < Accounts; i++)
        {
            var ledger = new LedgerRows(cluster.ConnectionString, clients[i].Account);
            var ids = await ledger.IdsAsync();
            Assert.Empty(loads[i].AcknowledgedIds.Except(ids));
            Assert.Equal(ids.Count, ids.Distinct().Count());
            Assert.Empty(ids.Except(loads[i].Sent.Select(call => (string)call["id"]!)));
            using var through = clients[i].On(cluster.Apis[(i + 1) % 2]);
            await ledger.AssertCapsEqualSumAsync(through);
            clients[i].Dispose();
        }
    }

    [Fact]
    public async Task Silos_AllKilled_AreJoinedAgainOnOtherPorts()
    {
        await using var cluster = await RunningCluster.StartAsync();
        using var client = await ApiClient.SignUpAsync(cluster.Apis[0]);
        await ServerKilledTests.CreateCapsAsync(client);
        (await client.PostEventsAsync(Harness.Events.Batch("before", 20))).Expect(HttpStatusCode.Created);

        await Task.WhenAll(cluster.Silos.Select(silo => silo.KillAsync()));
        var ready = await client.SendAsync(HttpMethod.Get, "health/ready");
        await Task.WhenAll(cluster.RestartSiloAsync(0), cluster.RestartSiloAsync(1));
        await Wait.UntilAsync(
            async () => (await client.SendAsync(HttpMethod.Get, "health/ready")).Status == HttpStatusCode.OK, () => $"the cluster to be back. {cluster.Log}");
        (await client.PostEventsAsync(Harness.Events.Batch("after", 20))).Expect(HttpStatusCode.Created);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        var ledger = new LedgerRows(cluster.ConnectionString, client.Account);
        Assert.Equal(40, (await ledger.IdsAsync()).Count);
        await ledger.AssertCapsEqualSumAsync(client);
    }

    [Fact]
    public async Task Key_RevokedThroughOneProcess_IsRefusedByTheOther()
    {
        await using var cluster = await RunningCluster.StartAsync();
        using var here = await ApiClient.SignUpAsync(cluster.Apis[0]);
        using var there = here.On(cluster.Apis[1]);
        (await there.SendWithKeyAsync(HttpMethod.Get, "caps/check")).Expect(HttpStatusCode.OK);

        // A session that one process signed is good at the other: they share the key.
        var key = (await there.GetAsync("api-keys")).EnumerateArray().Single().GetProperty("id").GetString();
        var revoked = await here.SendAsync(HttpMethod.Delete, $"api-keys/{key}");
        Assert.True(revoked.Status is HttpStatusCode.OK or HttpStatusCode.NoContent, revoked.Body);

        await Wait.UntilAsync(
            async () => (await there.SendWithKeyAsync(HttpMethod.Get, "caps/check")).Status == HttpStatusCode.Unauthorized,
            () => "the revoked key to be refused");
    }

    [Fact]
    public async Task Cap_FilledThroughOneProcess_DeniesAtTheOther()
    {
        await using var cluster = await RunningCluster.StartAsync();
        using var here = await ApiClient.SignUpAsync(cluster.Apis[0]);
        using var there = here.On(cluster.Apis[1]);
        await here.CreateCapAsync("model", "gpt-4o", 0.000_001m);
        Assert.True((await there.CheckAsync("provider=openai&model=gpt-4o")).GetProperty("allowed").GetBoolean());

        (await here.PostEventsAsync(Harness.Events.Batch("dear", 10))).Expect(HttpStatusCode.Created);

        Assert.False((await there.CheckAsync("provider=openai&model=gpt-4o-2024-08-06")).GetProperty("allowed").GetBoolean());
    }

    private static Task MoreAsync(EventLoad[] loads, int batches) => Task.WhenAll(loads.Select(load => load.AcknowledgeMoreAsync(batches)));

    private static void AssertRefusals(EventLoad[] loads, RunningCluster cluster)
    {
        foreach (var refused in loads.SelectMany(load => load.Refused))
        {
            Assert.True(refused.Status == HttpStatusCode.ServiceUnavailable, $"{refused.Status}: {refused.Body}\n{cluster.Log}");
            Assert.NotNull(refused.Headers.RetryAfter);
        }
    }
}
