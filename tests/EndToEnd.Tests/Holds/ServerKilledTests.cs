using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Holds;

/// <summary>The server dies with holds out.</summary>
public sealed class ServerKilledTests
{
    private const int Callers = 200;
    private const int Kills = 3;

    [Fact]
    public async Task Kill_InAStorm_PromisesNeverMoreThanTheLimitsAndGivesAllBack()
    {
        await using var server = await RevivedServer.StartAsync();
        using var client = await ApiClient.SignUpAsync(server.Running);
        var promises = new Promises(
            new PromisedCap(await client.CreateCapAsync("global", null, 1m), 1m, null),
            new PromisedCap(await client.CreateCapAsync("customer", Calls.Customer, 0.6m, "daily"), 0.6m, Calls.Customer));

        await using (var load = HoldLoad.Start(client, promises, Callers, (_, dead) => server.FindAsync(dead)))
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                await load.GrantMoreAsync(Random.Shared.Next(1, Callers));
                await server.KillAsync();
                using var revived = client.On(server.Running);
                await promises.LookAsync(revived);
            }

            await load.GrantMoreAsync(Callers);
            await load.StopAsync();
        }

        using var after = client.On(server.Running);
        await promises.AssertAllIsBackAsync(after);
        await new LedgerRows(server.Folder.ConnectionString(), client.Account).AssertCapsEqualSumAsync(after);
    }
}
