using System.Collections.Immutable;
using LlmObserve.Bench.Results;
using LlmObserve.Bench.Running;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Keys;
using LlmObserve.Storage.Migrations;
using LlmObserve.Storage.Users;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Bench.Rows;

/// <summary>What the server's process keeps in memory with many customers and caps active.</summary>
internal static class MemoryRow
{
    private const int Accounts = 10;
    private const int CustomersPerAccount = 10_000;
    private const int CapsPerAccount = 1_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    // What the last loads left behind is collected by then, or stays.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(5);

    public static async Task<ImmutableArray<Figure>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var database = await run.FreshDatabaseAsync("memory", cancellationToken);
        var accounts = await PrepareAsync(run, database, cancellationToken);
        await using var server = await ServerProcess.StartAsync(run, "memory", database, cancellationToken, new Dictionary<string, string>
        {
            ["DOTNET_STARTUP_HOOKS"] = typeof(MemoryRow).Assembly.Location,
            [ResidentGrains.AccountsVariable] = string.Join(',', accounts),
            [ResidentGrains.CustomersVariable] = $"{CustomersPerAccount}",
        });
        var empty = server.ResidentMb();
        await server.WaitForAsync(ResidentGrains.Done, ResidentGrains.Failed, s_patience, cancellationToken);
        await Task.Delay(s_settle, run.Time, cancellationToken);
        var resident = server.ResidentMb();
        var live = await server.WaitForAsync(ResidentGrains.Live, ResidentGrains.Failed, s_patience, cancellationToken);
        return
        [
            new Figure(
                "memory",
                "100,000 customers and 10,000 caps active",
                Quantity.Once(resident, "MB"),
                null,
                Goal.Below(400),
                $"Resident memory of the server's process (API, dashboard and grains, without PostgreSQL), {s_settle.TotalSeconds} s after the last grain "
                + $"became active, no collection forced: {Accounts} accounts with {CustomersPerAccount:N0} customers that were read and {CapsPerAccount:N0} caps each. "
                + $"Right after its start it had {Quantity.Text(empty)} MB; "
                + $"a collection forced afterwards left {live[ResidentGrains.Live.Length..].Trim()} of objects. "
                + "The grains are called inside that process by a startup hook."),
        ];
    }

    /// <summary>Accounts with their caps, before the server starts.</summary>
    private static async Task<IReadOnlyList<AccountId>> PrepareAsync(BenchRun run, string database, CancellationToken cancellationToken)
    {
        await using var db = NpgsqlDataSource.Create(database);
        await Migrator.MigrateAsync(db, NullLogger.Instance, cancellationToken);
        var now = run.Time.GetUtcNow();
        var users = new UsersStore(db);
        var caps = new CapsStore(db);
        List<AccountId> accounts = [];
        for (var i = 0; i < Accounts; i++)
        {
            var account = AccountId.New();
            accounts.Add(account);
            var user = new UserId(Guid.CreateVersion7(now));
            var key = ApiKeyText.Generate();
            await users.CreateAsync(
                new NewUser(user, $"{account}@example.com", null, null, "solo_dev", account, "memory", now),
                new NewApiKey(
                    Guid.CreateVersion7(now), account, user, Convert.FromHexString(key.Hash().Value), key.DisplayPrefix, "bench", ["ingest"], now),
                null,
                [],
                cancellationToken);
        }

        // Epoch 0: nobody has opened the accounts yet.
        await Parallel.ForEachAsync(
            accounts,
            cancellationToken,
            async (account, cancellation) =>
            {
                for (var customer = 0; customer < CapsPerAccount; customer++)
                {
                    await caps.InsertAsync(NewCap(account, ResidentGrains.Customer(customer), now), epoch: 0, null, cancellation);
                }
            });
        return accounts;
    }

    private static Cap NewCap(AccountId account, string customer, DateTimeOffset now) => new()
    {
        Id = CapId.New(),
        Account = account,
        Scope = new CapScope(CapType.Customer, customer),
        TargetName = customer,
        Limit = new Usd(100_000_000_000),
        Period = CapPeriod.Monthly,
        Enforcement = CapEnforcement.HardBlock,
        Thresholds = CapThresholds.From([CapThresholds.Default]),
        CreatedAt = now,
        UpdatedAt = now,
    };
}
