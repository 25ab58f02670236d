using System.Net;
using System.Text.Json;
using LlmObserve.EndToEnd.Tests.Harness;
using LlmObserve.Testing;
using Npgsql;

namespace LlmObserve.EndToEnd.Tests.Crashes;

/// <summary>A commit whose reply never comes, and two servers that both take themselves for an account's writer.</summary>
public sealed class LostReplyTests
{
    private const int BatchSize = 30;

    [Fact]
    public async Task LostReply_AfterCommit_CountsOnce()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var proxy = new CuttingProxy(postgres.ConnectionString);
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(proxy.ConnectionString));
        using var client = await ApiClient.SignUpAsync(server);
        await ServerKilledTests.CreateCapsAsync(client);
        (await client.PostEventsAsync(Harness.Events.Batch("first", BatchSize))).Expect(HttpStatusCode.Created);

        var cut = proxy.LoseReplyTo("lost-0");
        var answer = await UntilAcceptedAsync(client, "lost");
        await cut;
        (await client.PostEventsAsync(Harness.Events.Batch("last", BatchSize))).Expect(HttpStatusCode.Created);

        Assert.Equal(BatchSize, answer.GetProperty("created").GetInt32() + answer.GetProperty("skipped").GetInt32());
        await AssertCountedOnceAsync(postgres, client, "first", "lost", "last");
    }

    [Fact]
    public async Task LostReply_StatementStillRunning_CountsOnce()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var proxy = new CuttingProxy(postgres.ConnectionString);
        await using var folder = ServerFolder.Create();
        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(proxy.ConnectionString));
        using var client = await ApiClient.SignUpAsync(server);
        await ServerKilledTests.CreateCapsAsync(client);
        (await client.PostEventsAsync(Harness.Events.Batch("first", BatchSize))).Expect(HttpStatusCode.Created);

        // The statement gets as far as the rollup and waits there, holding the account's head, while its connection is cut.
        await using var connection = new NpgsqlConnection(postgres.ConnectionString);
        await connection.OpenAsync();
        Task<JsonElement> accepted;
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("LOCK TABLE usage_hour IN SHARE MODE", connection, transaction);
            await hold.ExecuteNonQueryAsync();
            accepted = UntilAcceptedAsync(client, "zombie");
            await Wait.UntilAsync(() => AreWaitingAsync(connection, 1), () => $"the statement to wait. {server.Log}");
            proxy.Refuse();
            proxy.Restore();
            await Wait.UntilAsync(() => AreWaitingAsync(connection, 2), () => $"a successor to wait for the lost statement. {server.Log}");
        }

        var answer = await accepted;

        Assert.Equal(BatchSize, answer.GetProperty("created").GetInt32() + answer.GetProperty("skipped").GetInt32());
        await AssertCountedOnceAsync(postgres, client, "first", "zombie");
    }

    [Fact]
    public async Task TwoServers_OneAccount_CountOnceAndFenceEachOther()
    {
        await using var postgres = await OwnedPostgres.StartAsync();
        await using var oneFolder = ServerFolder.Create();
        await using var otherFolder = ServerFolder.Create();
        await using var one = await ServerProcess.StartAsync(oneFolder, new ServerSettings(postgres.ConnectionString));
        await using var other = await ServerProcess.StartAsync(otherFolder, new ServerSettings(postgres.ConnectionString));
        using var onOne = await ApiClient.SignUpAsync(one);
        using var onOther = onOne.On(other);
        await ServerKilledTests.CreateCapsAsync(onOne);

        for (var i = 0; i < 10; i++)
        {
            // The same batch on both at once, so that both activations write for the same events.
            await Task.WhenAll(UntilAcceptedAsync(onOne, $"round-{i}"), UntilAcceptedAsync(onOther, $"round-{i}"));
        }

        await UntilAcceptedAsync(onOne, "end");
        await AssertCountedOnceAsync(postgres, onOne, [.. Enumerable.Range(0, 10).Select(i => $"round-{i}"), "end"]);
    }

    // As a client does: again after 503.
    private static async Task<JsonElement> UntilAcceptedAsync(ApiClient client, string prefix)
    {
        Answer? answer = null;
        await Wait.UntilAsync(
            async () =>
            {
                answer = await client.PostEventsAsync(Harness.Events.Batch(prefix, BatchSize));
                return answer.Status != HttpStatusCode.ServiceUnavailable;
            },
            () => $"{prefix} to be accepted: {answer}");
        return answer!.Expect(HttpStatusCode.Created);
    }

    private static async Task<bool> AreWaitingAsync(NpgsqlConnection connection, int statements)
    {
        await using var look = new NpgsqlCommand("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted", connection);
        return (long)(await look.ExecuteScalarAsync())! >= statements;
    }

    private static async Task AssertCountedOnceAsync(OwnedPostgres postgres, ApiClient client, params string[] prefixes)
    {
        var ledger = new LedgerRows(postgres.ConnectionString, client.Account);
        await ledger.AssertIdsAsync(
            prefixes.SelectMany(prefix => Harness.Events.Batch(prefix, BatchSize)).Select(call => (string)call["id"]!));
        await ledger.AssertCapsEqualSumAsync(client);
    }
}
