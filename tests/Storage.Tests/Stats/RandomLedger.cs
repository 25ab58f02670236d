using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Tests.Stats;

/// <summary>An account with random events over some weeks, in the ledger and in memory.</summary>
internal sealed class RandomLedger
{
    private const int Batch = 500;

    private static readonly string[] s_customers = ["", "acme", "beta", "gamma", "delta"];
    private static readonly string[] s_models = ["", "gpt-4o", "claude-sonnet-4", "text-embedding-3-small"];
    private static readonly string[] s_providers = ["openai", "anthropic"];
    private static readonly string[] s_agents = ["", "researcher", "writer"];
    private static readonly string[] s_sections = ["", "checkout", "checkout/pay", "agent:writer/tool:search", "agent:writer"];
    private static readonly string[] s_endpoints = ["chat", "query", "index.upsert", "ping"];

    private readonly List<LedgerEvent> _events = [];

    private RandomLedger(AccountId account, AccountZone zone, DateTimeOffset now, LedgerHead head) =>
        (Account, Zone, Now, Head) = (account, zone, now, head);

    public AccountId Account { get; }

    public AccountZone Zone { get; }

    public DateTimeOffset Now { get; }

    public IReadOnlyList<LedgerEvent> Events => _events;

    public LedgerHead Head { get; private set; }

    /// <summary>Events from <paramref name="days"/> days back up to five minutes ahead of <paramref name="now"/>.</summary>
    public static async Task<RandomLedger> CreateAsync(
        StorageDatabase database, AccountZone zone, DateTimeOffset now, int seed, int count = 3_000, int days = 30)
    {
        var account = AccountId.New();
        var ledger = new RandomLedger(account, zone, now, await database.TakeEpochAsync(account));
        await ledger.AddAsync(database, seed, count, days);
        return ledger;
    }

    /// <summary>Adds random events, received when they occurred.</summary>
    public Task AddAsync(StorageDatabase database, int seed, int count, int days)
    {
        var random = new Random(seed);
        return AddAsync(database, Enumerable.Range(_events.Count, count).Select(i => Make(random, Now, $"e{i}", days)));
    }

    /// <summary>Adds these events.</summary>
    /// <param name="database">Where.</param>
    /// <param name="events">In their order.</param>
    /// <param name="sectionOf">What the event with that number counts under by section; null for its path.</param>
    public async Task AddAsync(StorageDatabase database, IEnumerable<LedgerEvent> events, Func<int, string?>? sectionOf = null)
    {
        var added = events.ToList();
        await using var writer = database.CreateWriter();
        var number = 0;
        foreach (var batch in added.GroupBy(e => LedgerWeek.Of(e.ReceivedAt)).SelectMany(week => week.Chunk(Batch)))
        {
            var append = Ledger.Events.Append(Account, Head, Zone, batch);
            var rows = append.Rows.Select(row => sectionOf?.Invoke(number++) is { } section ? row with { Section = section } : row);
            var result = await writer.AppendAsync(append with { Rows = [.. rows] }, default);
            Assert.Equal(AppendOutcome.Committed, result.Outcome);
            Head = Head with { LastSeq = result.LastSeq };
        }

        _events.AddRange(added);
    }

    private static LedgerEvent Make(Random random, DateTimeOffset now, string id, int days)
    {
        // Half of them in the last two days, where hours matter.
        var back = random.Next(2) == 0 ? TimeSpan.FromDays(2) : TimeSpan.FromDays(days);
        var occurredAt = now + TimeSpan.FromMinutes(5) - (back * random.NextDouble());
        return Ledger.Events.Make(id) with
        {
            CustomerId = Pick(random, s_customers),
            Provider = Pick(random, s_providers),
            Model = Pick(random, s_models),
            Agent = Pick(random, s_agents),
            Kind = (SpanKind)random.Next(4),
            Endpoint = Pick(random, s_endpoints),
            SectionPath = Pick(random, s_sections),
            Cost = new Usd(random.Next(4) * 1_000_000_007L),
            InputTokens = random.Next(1000),
            OutputTokens = random.Next(1000),
            CachedTokens = random.Next(1000),
            IsError = random.Next(5) == 0,
            Unpriced = random.Next(7) == 0,
            LatencyMs = random.Next(8) == 0 ? 0 : (int)Math.Pow(10, random.NextDouble() * 5),
            OccurredAt = occurredAt,
            ReceivedAt = occurredAt,
        };
    }

    private static string Pick(Random random, string[] names) => names[random.Next(names.Length)];
}
