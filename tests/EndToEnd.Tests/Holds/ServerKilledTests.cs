using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>The server dies with holds out.</summary>
public sealed class ServerKilledTests
{
    private const int Callers = 200;

    /// <summary>Nearly all that there is: what is on its way is nobody's yet.</summary>
    private const decimal Full = 0.9m;

    [Fact]
    public async Task Kill_InAStorm_PromisesNeverMoreThanTheLimitsAndGivesAllBack()
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var server = await RevivedServer.StartAsync();

        // Holds that outlast a restart are still out when the next server comes. Not by much: their time is waited for.
        var ttlSeconds = Math.Clamp((int)(2 * TimeProvider.System.GetElapsedTime(began).TotalSeconds), 4, 12);
        using var client = await ApiClient.SignUpAsync(server.Running);
        var promises = new Promises(
            new PromisedCap(await client.CreateCapAsync("global", null, 1m), 1m, null),
            new PromisedCap(await client.CreateCapAsync("customer", Calls.Customer, 0.6m, "daily"), 0.6m, Calls.Customer));

        await using (var load = HoldLoad.Start(client, promises, Callers, ttlSeconds, (_, dead) => server.FindAsync(dead)))
        {
            foreach (var share in (decimal[])[AnyShare(), Full, AnyShare()])
            {
                await load.FillAsync(share);
                await server.KillAsync(async revived =>
                {
                    using var first = client.On(revived);
                    await promises.LookAsync(first);
                });
            }

            await load.FillAsync(Full);
            await load.StopAsync();
        }

        using var after = client.On(server.Running);
        await promises.AssertAllIsBackAsync(after);
        await new LedgerRows(server.Folder.ConnectionString(), client.Account).AssertCapsEqualSumAsync(after);
    }

    private static decimal AnyShare() => Random.Shared.Next(90) / 100m;
}
