using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Ledger;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LlmObserve.Grains.Tests;

/// <summary>A database and the grains for each test, and the words in which tests speak.</summary>
public abstract class GrainTest(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    internal FakeClock Clock { get; } = new(new DateTimeOffset(2026, 3, 18, 12, 0, 0, TimeSpan.Zero));

    internal string ConnectionString { get; private set; } = "";

    internal GrainHost Host { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        ConnectionString = await postgres.CreateDatabaseAsync();
        await using (var database = NpgsqlDataSource.Create(ConnectionString))
        {
            await Silo.Database.PrepareAsync(database, NullLoggerFactory.Instance, CancellationToken.None);
            await new LedgerPartitions(database).EnsureAsync(Clock.GetUtcNow(), CancellationToken.None);
        }

        Host = await GrainHost.StartAsync(ConnectionString, Clock);
    }

    public virtual async Task DisposeAsync() => await Host.DisposeAsync();

    internal static Usd Dollars(string text) => Usd.Parse(text);

    internal LedgerEvent Event(
        string? id = null,
        string cost = "0.01",
        string customer = "",
        string provider = "openai",
        string model = "gpt-4o",
        string agent = "writer",
        DateTimeOffset? at = null,
        DateTimeOffset? receivedAt = null) => new()
        {
            Id = id ?? Guid.NewGuid().ToString("N"),
            RunId = "run",
            SpanId = "span",
            Section = agent,
            SectionPath = agent,
            Agent = agent,
            SpanType = "llm",
            Kind = SpanKind.Llm,
            Provider = provider,
            Endpoint = "chat",
            Model = model,
            CustomerId = customer,
            Cost = Usd.Parse(cost),
            Status = "ok",
            OccurredAt = at ?? Clock.GetUtcNow(),
            ReceivedAt = receivedAt ?? Clock.GetUtcNow(),
        };

    internal LedgerEvent[] Events(int count, string prefix = "e", string cost = "0.01", string customer = "") =>
        [.. Enumerable.Range(0, count).Select(i => Event($"{prefix}-{i}", cost, customer))];

    internal async Task<CapState> CreateCapAsync(
        AccountId account,
        string limit,
        CapScope? scope = null,
        CapPeriod period = CapPeriod.Monthly,
        CapEnforcement enforcement = CapEnforcement.HardBlock,
        GrainHost? host = null)
    {
        var now = Clock.GetUtcNow();
        var target = scope ?? new CapScope(CapType.Global, "");
        var answer = await (host ?? Host).Account(account).CreateCapAsync(new Cap
        {
            Id = CapId.New(),
            Account = account,
            Scope = target,
            TargetName = target.Target,
            SubTargetName = target.SubTarget,
            Limit = Usd.Parse(limit),
            Period = period,
            Enforcement = enforcement,
            Thresholds = [0.8m, 1m],
            CreatedAt = now,
            UpdatedAt = now,
        });
        Assert.Equal(CapAnswerKind.Done, answer.Kind);
        return answer.State!;
    }

    internal static CallLabels Labels(string customer = "", string provider = "openai", string model = "gpt-4o", string agent = "writer") =>
        new(provider, model, agent, customer);

    /// <summary>Every cap equals the ledger's own sum over its scope and period, in the account's table and in the cap's grain.</summary>
    internal async Task AssertCapsEqualLedgerAsync(AccountId account, GrainHost? host = null)
    {
        host ??= Host;
        foreach (var state in await host.Account(account).GetCapsAsync())
        {
            // Never through a wire that the test cuts.
            var sum = await Host.LedgerSumAsync(account, state.Cap.Scope, state.PeriodStart, state.PeriodEnd);
            Assert.Equal(sum, state.Spent);
            var progress = await host.Grains.GetGrain<ICapGrain>(state.Cap.Id.ToString()).GetProgressAsync();
            Assert.Equal(sum, progress.Spent);
        }
    }
}
