using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Ledger;
using LlmObserve.Storage.Migrations;
using LlmObserve.Storage.RowSecurity;
using LlmObserve.Storage.Tests.Ledger;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Storage.Tests.RowSecurity;

/// <summary>Where the roles come from. They are the server's: tests that need them missing have some of their own names.</summary>
public sealed class DatabaseRolesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly string _name = $"r{Guid.NewGuid():N}";
    private string _connectionString = "";
    private NpgsqlDataSource _admin = null!;

    private string[] Roles => [$"{_name}_a", $"{_name}_b"];

    public async Task InitializeAsync()
    {
        _connectionString = await postgres.CreateDatabaseAsync();
        _admin = NpgsqlDataSource.Create(_connectionString);
    }

    public async Task DisposeAsync() => await _admin.DisposeAsync();

    [Fact]
    public async Task Ensure_ManyDatabasesAtOnce_MakesThemOnce()
    {
        await ExecuteAsync($"CREATE ROLE {_name} LOGIN CREATEROLE PASSWORD 'p'");
        await using var plain = As(_name);
        const int processes = 12;
        using var barrier = new SemaphoreSlim(0);
        var starts = Enumerable.Range(0, processes).Select(async _ =>
        {
            await using var connection = await plain.OpenConnectionAsync();
            await barrier.WaitAsync();
            await DatabaseRoles.EnsureAsync(connection, Roles, default);
        }).ToList();
        barrier.Release(processes);
        await Task.WhenAll(starts);

        Assert.Equal(2L, await ScalarAsync(
            $"SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname LIKE '{_name}__' AND m.member = '{_name}'::regrole"));
        Assert.Equal(0L, await ScalarAsync(
            $"SELECT count(*) FROM pg_roles WHERE rolname LIKE '{_name}\\__' AND (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole)"));
    }

    [Fact]
    public async Task Ensure_LoginRoleMayNot_SaysWhatAnAdministratorRuns()
    {
        await ExecuteAsync($"CREATE ROLE {_name} LOGIN PASSWORD 'p'");
        await using var plain = As(_name);
        await using var connection = await plain.OpenConnectionAsync();

        var refused = await Assert.ThrowsAsync<MigrationException>(() => DatabaseRoles.EnsureAsync(connection, Roles, default));

        var statements = $"CREATE ROLE {_name}_a NOLOGIN; CREATE ROLE {_name}_b NOLOGIN; GRANT {_name}_a TO {_name}; GRANT {_name}_b TO {_name};";
        Assert.Contains(statements, refused.Message, StringComparison.Ordinal);
        await ExecuteAsync(statements);
        await DatabaseRoles.EnsureAsync(connection, Roles, default);
    }

    [Fact]
    public async Task Ensure_RoleThatMayBypass_IsRefused()
    {
        await ExecuteAsync($"CREATE ROLE {_name}_a NOLOGIN BYPASSRLS");
        await using var connection = await _admin.OpenConnectionAsync();

        var refused = await Assert.ThrowsAsync<MigrationException>(() => DatabaseRoles.EnsureAsync(connection, Roles, default));

        Assert.Contains($"ALTER ROLE {_name}_a", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_OwnerWithoutAnyPrivilege_WorksOnceAnAdministratorGrantedTheRoles()
    {
        // A managed database: the roles are there, and the login role owns its database and nothing else.
        await using (var any = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync()))
        {
            await Migrator.MigrateAsync(any, NullLogger.Instance, default);
        }

        await ExecuteAsync($"CREATE ROLE {_name} LOGIN PASSWORD 'p'");
        await ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_connectionString).Database} OWNER TO {_name}");
        await using var owner = As(_name);
        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(owner, NullLogger.Instance, default));
        Assert.Contains($"run: GRANT {DatabaseRoles.Reader} TO {_name}; GRANT {DatabaseRoles.Ledger} TO {_name}; Then", refused.Message, StringComparison.Ordinal);
        await ExecuteAsync($"GRANT {DatabaseRoles.Reader}, {DatabaseRoles.Ledger} TO {_name}");

        await Migrator.MigrateAsync(owner, NullLogger.Instance, default);

        await AssertServesAsync(owner);
    }

    [Fact]
    public async Task Migrate_RestoredWithoutTheRoles_PutsPoliciesAndRightsBack()
    {
        await Migrator.MigrateAsync(_admin, NullLogger.Instance, default);
        await new LedgerPartitions(_admin).EnsureAroundAsync(LedgerWeek.Of(Events.Now), default);
        await ExecuteAsync(
            $"""
            DO $$ DECLARE one record; BEGIN
              FOR one IN SELECT polname, polrelid::regclass AS name FROM pg_policy LOOP
                EXECUTE format('DROP POLICY %I ON %s', one.polname, one.name);
              END LOOP;
            END $$;
            REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {DatabaseRoles.Reader}, {DatabaseRoles.Ledger};
            """);

        await Migrator.MigrateAsync(_admin, NullLogger.Instance, default);

        await AssertServesAsync(_admin);
    }

    [Fact]
    public async Task Migrate_RestoredWithoutPrivileges_PutsRightsBack()
    {
        await Migrator.MigrateAsync(_admin, NullLogger.Instance, default);
        await ExecuteAsync($"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {DatabaseRoles.Reader}, {DatabaseRoles.Ledger}");

        await Migrator.MigrateAsync(_admin, NullLogger.Instance, default);

        await AssertServesAsync(_admin);
    }

    [Fact]
    public async Task Migrate_ReaderOwnsATable_IsRefused()
    {
        await Migrator.MigrateAsync(_admin, NullLogger.Instance, default);
        await ExecuteAsync($"ALTER TABLE caps OWNER TO {DatabaseRoles.Reader}");

        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrator.MigrateAsync(_admin, NullLogger.Instance, default));

        Assert.Contains("caps", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Appends and reads as the server does, with the owner's other work around it.</summary>
    private static async Task AssertServesAsync(NpgsqlDataSource db)
    {
        var account = AccountId.New();
        var ledger = new LedgerStore(db);
        await using (var make = db.CreateCommand($"INSERT INTO ledger_heads (account_id) VALUES ('{account.Value}')"))
        {
            await make.ExecuteNonQueryAsync();
        }

        var head = await ledger.TakeEpochAsync(account, default);
        await using var writer = new LedgerWriter(db, new LedgerPartitions(db), TimeProvider.System, new TestMeters(), NullLogger<LedgerWriter>.Instance);
        var result = await writer.AppendAsync(Events.Append(account, head, Events.Make("a")), default);
        Assert.Equal((AppendOutcome.Committed, null), (result.Outcome, result.Error));
        Assert.Equal(1, (await ledger.HeadAsync(account, default)).LastSeq);
        Assert.Empty(await new CapsStore(db).ListAsync(account, default));
        Assert.Equal(default, await ledger.HeadAsync(AccountId.New(), default));
    }

    private NpgsqlDataSource As(string role) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(_connectionString) { Username = role, Password = "p" }.ConnectionString);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _admin.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
