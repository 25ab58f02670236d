using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Alerts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Holds;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.RowSecurity;
using LlmObserve.Storage.Tests.Holds;
using LlmObserve.Storage.Tests.Ledger;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>A database with two accounts that have rows in every table that an account can have rows in.</summary>
public sealed class GuardedAccounts : IAsyncLifetime
{
    public StorageDatabase Database { get; } = new();

    public AccountId Mine { get; private set; }

    public AccountId Other { get; private set; }

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Mine = await FillAsync("mine");
        Other = await FillAsync("other");
    }

    public Task DisposeAsync() => Database.DisposeAsync();

    /// <summary>Runs a query the way the stores do and reads its first column.</summary>
    internal Task<List<T>> ReadAsync<T>(AccountId account, string sql, params object[] parameters) => ReadAsync<T>(account, sql, [], parameters);

    /// <summary>The same after some settings.</summary>
    internal async Task<List<T>> ReadAsync<T>(AccountId account, string sql, string[] settings, object[] parameters)
    {
        await using var read = new AccountRead(Database.Db, account);
        foreach (var setting in settings)
        {
            read.Add(setting);
        }

        var added = read.Add(sql);
        foreach (var value in parameters)
        {
            added.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await read.ExecuteReaderAsync(default);
        List<T> found = [];
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetFieldValue<T>(0));
        }

        return found;
    }

    /// <summary>Runs a statement in a transaction of a role, without an account, and takes it back.</summary>
    internal async Task<object?> RunAsync(string role, string sql)
    {
        await using var connection = await Database.Db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"SET LOCAL ROLE {role}; {sql}", connection, transaction);
        return await command.ExecuteScalarAsync();
    }

    private async Task<AccountId> FillAsync(string name)
    {
        var account = await HeldAccount.CreateAsync(Database);
        var cap = (await account.AddCapsAsync(1))[0];
        var holds = new HoldsStore(Database.Db);
        var hold = new StoredHold(
            HoldId.New(), new CallLabels("openai", "gpt-4o", "researcher", "acme"), new Usd(5), Events.Now, Events.Now.AddMinutes(5), null, null, null);
        await holds.StoreAsync(account.Id, account.Epoch, account.Activation, [hold], default);
        await account.WriteAsync(holds, new CapCeiling(cap, new Usd(7), Events.Now.AddHours(1)));

        await using (var writer = Database.CreateWriter())
        {
            var over = new SettledHold(HoldOutcome.Settled, new Usd(3), LabelMismatch: false, [new CapOverrun(cap, Events.Now.AddDays(-5), new Usd(4))]);
            var append = Events.Append(
                account.Id,
                new LedgerHead(account.Epoch, 0, default, 0),
                Enumerable.Range(0, 5).Select(i => Events.Make($"{name}{i}", occurredAt: Events.Now.AddDays(-i))));
            append = append with { Rows = [.. append.Rows.Select(row => row with { Hold = over })] };
            Assert.Equal(AppendOutcome.Committed, (await writer.AppendAsync(append, default)).Outcome);
        }

        Assert.NotEqual(0, await new LedgerStretches(Database.Db, NullLogger<LedgerStretches>.Instance).CloseAsync(
            account.Id, AccountZone.Utc, Events.Now, default));
        await account.WakeAsync();
        await new AlertsStore(Database.Db).InsertOnceAsync(
            new Alert
            {
                Id = Guid.CreateVersion7(),
                Account = account.Id,
                Cap = cap,
                Threshold = 1,
                CurrentSpend = new Usd(10),
                CapLimit = new Usd(10),
                TargetType = CapType.Global,
                TargetName = "",
                PeriodStart = Events.Now.AddDays(-1),
                PeriodEnd = Events.Now.AddDays(1),
                CreatedAt = Events.Now,
            },
            default);
        await Database.ExecuteAsync(
            $"""
            WITH person AS (INSERT INTO users (id, email, created_at, updated_at) VALUES (gen_random_uuid(), '{name}@example.com', now(), now()) RETURNING id),
            member AS (INSERT INTO memberships SELECT '{account.Id.Value}', id, 'owner', now() FROM person),
            invited AS (
              INSERT INTO invitations (id, account_id, email, role, sha256, invited_by, created_at, expires_at)
              SELECT gen_random_uuid(), '{account.Id.Value}', 'friend@example.com', 'viewer', sha256('{name}'), id, now(), now() + interval '1 day' FROM person),
            signed_in AS (
              INSERT INTO sessions (id, user_id, account_id, created_at, refreshed_at, expires_at)
              SELECT gen_random_uuid(), id, '{account.Id.Value}', now(), now(), now() + interval '1 day' FROM person),
            known AS (INSERT INTO clerk_objects (kind, id, account_id) VALUES ('organization', 'org_{name}', '{account.Id.Value}'))
            INSERT INTO api_keys (id, account_id, user_id, key_sha256, key_prefix, name, scopes, created_at)
            SELECT gen_random_uuid(), '{account.Id.Value}', id, sha256('{name}'), 'llmo_', '{name}', array['read'], now() FROM person;
            INSERT INTO unseen_keys SELECT id, account_id, user_id, 'sealed', now() + interval '1 day' FROM api_keys WHERE name = '{name}';
            INSERT INTO audit_log (id, account_id, at, actor_kind, action, object_kind)
            VALUES (gen_random_uuid(), '{account.Id.Value}', now(), 'system', 'account.filled', 'account');
            INSERT INTO price_overrides VALUES ('{account.Id.Value}', 1, '[]', now());
            INSERT INTO customers VALUES ('{account.Id.Value}', 'acme', '{name}', 1, now());
            """);
        return account.Id;
    }
}
