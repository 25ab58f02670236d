using System.Text.Json.Serialization;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Stats;

/// <summary>The stretch that figures cover, in whole buckets: it never begins later or ends earlier than what was asked for.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="To">The first instant after it.</param>
internal sealed record WindowAnswer(DateTimeOffset From, DateTimeOffset To)
{
    public WindowAnswer(StatsWindow window)
        : this(window.From, window.To)
    {
    }
}

/// <summary>The calls to one provider.</summary>
internal sealed record ProviderStatsAnswer : ShareAnswer
{
    public ProviderStatsAnswer(StatsRow row, Usd all)
        : base(row.Figures, all) => Provider = row.Name;

    public string Provider { get; }
}

/// <summary>The calls to one model.</summary>
internal sealed record ModelStatsAnswer : ShareAnswer
{
    public ModelStatsAnswer(StatsRow row, Usd all)
        : base(row.Figures, all) => Model = row.Name.Length == 0 ? null : row.Name;

    /// <summary>Canonical; null for calls without a model.</summary>
    public string? Model { get; }
}

/// <summary>The calls of one agent.</summary>
internal sealed record AgentStatsAnswer : ShareAnswer
{
    public AgentStatsAnswer(StatsRow row, Usd all)
        : base(row.Figures, all) => Agent = row.Name.Length == 0 ? null : row.Name;

    /// <summary>The name in agent:NAME; null for calls of none.</summary>
    public string? Agent { get; }
}

/// <summary>The calls for one customer.</summary>
internal sealed record CustomerStatsAnswer : ShareAnswer
{
    public CustomerStatsAnswer(StatsRow row, Usd all)
        : base(row.Figures, all) => CustomerId = row.Name.Length == 0 ? null : row.Name;

    /// <summary>The account's own id for its customer; null for calls that named none.</summary>
    public string? CustomerId { get; }
}

/// <summary>One page of rows, in the order that was asked for.</summary>
/// <param name="Items">The rows.</param>
/// <param name="NextCursor">Send it as <c>cursor</c>, with the same filters and order, for the next page; null on the last.</param>
/// <param name="Window">What the figures cover.</param>
internal sealed record PageAnswer<T>(IReadOnlyList<T> Items, string? NextCursor, WindowAnswer Window);

/// <summary>How a window compares with the stretch before it, in percent of that stretch; null where it had nothing.</summary>
internal sealed record ChangeAnswer(decimal? TotalCostPercent, decimal? CallCountPercent)
{
    public ChangeAnswer(StatsFigures now, StatsFigures before)
        : this(Percent.Change(now.Cost.Nanos, before.Cost.Nanos), Percent.Change(now.Calls, before.Calls))
    {
    }
}

/// <summary>The stretch before the window.</summary>
internal sealed record PreviousAnswer : FiguresAnswer
{
    public PreviousAnswer(StatsWindow window, StatsFigures totals)
        : base(totals) => Window = new WindowAnswer(window);

    public WindowAnswer Window { get; }
}

/// <summary>What an account spends, at a glance.</summary>
internal sealed record OverviewAnswer : FiguresAnswer
{
    public OverviewAnswer(StatsOverview overview, StatsWindow window, StatsWindow customers, StatsWindow before, AccountZone zone)
        : base(overview.Totals)
    {
        Window = new WindowAnswer(window);
        TimeZone = zone.Id;
        Previous = new PreviousAnswer(before, overview.Before);
        Change = new ChangeAnswer(overview.Totals, overview.Before);
        TopProviders = [.. overview.Providers.Select(row => new ProviderStatsAnswer(row, overview.Totals.Cost))];
        TopModels = [.. overview.Models.Select(row => new ModelStatsAnswer(row, overview.Totals.Cost))];
        TopCustomers = [.. overview.Customers.Rows.Select(row => new CustomerStatsAnswer(row, overview.Customers.Cost))];
        TopCustomersWindow = new WindowAnswer(customers);
    }

    /// <summary>What the figures cover.</summary>
    public WindowAnswer Window { get; }

    /// <summary>The account's IANA time zone: its hours and days are the buckets.</summary>
    public string TimeZone { get; }

    /// <summary>As long a stretch right before the window.</summary>
    public PreviousAnswer Previous { get; }

    public ChangeAnswer Change { get; }

    public IReadOnlyList<ProviderStatsAnswer> TopProviders { get; }

    public IReadOnlyList<ModelStatsAnswer> TopModels { get; }

    public IReadOnlyList<CustomerStatsAnswer> TopCustomers { get; }

    /// <summary>
    /// What <c>top_customers</c> cover: whole days at an edge that is more than a week back, since hours are kept by customer no longer.
    /// </summary>
    public WindowAnswer TopCustomersWindow { get; }
}

[JsonSerializable(typeof(OverviewAnswer))]
[JsonSerializable(typeof(PageAnswer<ProviderStatsAnswer>))]
[JsonSerializable(typeof(PageAnswer<ModelStatsAnswer>))]
[JsonSerializable(typeof(PageAnswer<CustomerStatsAnswer>))]
[JsonSerializable(typeof(PageAnswer<AgentStatsAnswer>))]
[JsonSerializable(typeof(PeriodsAnswer))]
[JsonSerializable(typeof(LlmsAnswer))]
[JsonSerializable(typeof(InfrastructureAnswer))]
[JsonSerializable(typeof(SectionsAnswer))]
[JsonSerializable(typeof(SectionAnswer))]
[JsonSerializable(typeof(TimeSeriesAnswer))]
internal sealed partial class StatsJson : JsonSerializerContext;
