using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;
using LlmObserve.EndToEnd.Tests.Holds;

namespace LlmObserve.EndToEnd.Tests.Cluster;

/// <summary>Silos leave with holds out.</summary>
public sealed class ClusterHoldsTests
{
    /// <summary>So many that each silo has some of them.</summary>
    private const int Accounts = 8;

    /// <summary>More than the cap has room for.</summary>
    private const int Callers = 20;

    private const int Fitting = 10;

    private const decimal Tenth = 0.1m;

    [Fact]
    public async Task Silos_StoppedOneAfterTheOther_HandEveryHoldOn()
    {
        await using var cluster = await RunningCluster.StartAsync();
        var accounts = await Task.WhenAll(Enumerable.Range(0, Accounts).Select(number => HeldAccount.StartAsync(cluster, number)));

        var asking = Task.WhenAll(accounts.Select(account => account.AskAsync(cluster)));
        await Wait.UntilAsync(() => accounts.All(account => !account.Told.IsEmpty) || asking.IsCompleted, () => $"answers. {cluster.Log}");
        Assert.Equal(0, await cluster.Silos[0].StopAsync());
        await asking;
        foreach (var account in accounts)
        {
            await account.AssertHasWhatWasGrantedAsync();
        }

        // Whichever was left alone by the first stop moves now.
        await cluster.RestartSiloAsync(0);
        Assert.Equal(0, await cluster.Silos[1].StopAsync());
        foreach (var account in accounts)
        {
            await account.AssertHasWhatWasGrantedAsync();
            await account.SettleAsync();
            account.Dispose();
        }
    }

    /// <summary>One account, whose callers ask through both processes for more than its cap has room for.</summary>
    private sealed class HeldAccount : IDisposable
    {
        private readonly ApiClient _client;
        private readonly string _cap;

        private HeldAccount(ApiClient client, string cap) => (_client, _cap) = (client, cap);

        /// <summary>What each caller was told.</summary>
        public ConcurrentDictionary<int, JsonElement> Told { get; } = new();

        private IReadOnlyList<string> Granted => [.. Told.Values.Where(answer => answer.IsAllowed()).Select(answer => answer.HoldId()).Order()];

        public static async Task<HeldAccount> StartAsync(RunningCluster cluster, int number)
        {
            var client = await ApiClient.SignUpAsync(cluster.Apis[number % 2]);
            return new HeldAccount(client, await client.CreateCapAsync("global", null, Fitting * Tenth));
        }

        public Task AskAsync(RunningCluster cluster) =>
            Task.WhenAll(Enumerable.Range(0, Callers).Select(number => AskUntilAnsweredAsync(cluster.Apis[number % 2], number)));

        public async Task AssertHasWhatWasGrantedAsync()
        {
            await _client.AssertStandsAsync(_cap, spent: 0, held: Fitting * Tenth);
            var open = (await _client.GetAsync("caps/holds?limit=200")).GetProperty("items").EnumerateArray().Select(hold => hold.HoldId());
            Assert.Equal(Fitting, Granted.Count);
            Assert.Equal(Granted, open.Order());
        }

        public async Task SettleAsync()
        {
            var recorded = await _client.RecordAsync([.. Granted.Select(hold => Calls.Event(hold, hold, Calls.ForLess))]);
            Assert.False(recorded.TryGetProperty("holds", out _), recorded.GetRawText());
            await _client.AssertStandsAsync(_cap, Fitting * Calls.LessCost, held: 0);
        }

        public void Dispose() => _client.Dispose();

        private async Task AskUntilAnsweredAsync(ServerProcess api, int number)
        {
            using var caller = _client.On(api);
            Answer? answer = null;
            await Wait.UntilAsync(
                async () => (answer = await caller.AskAsync(Calls.Costing(Tenth), $"call {number}")).Status != HttpStatusCode.ServiceUnavailable,
                () => $"an answer: {answer}");
            Told[number] = answer!.Expect(HttpStatusCode.OK);
        }
    }
}
