using LlmObserve.Domain.Accounts;

namespace LlmObserve.Storage.Stats;

/// <summary>A stretch of time: <paramref name="To"/> is the first instant that is no longer in it.</summary>
public readonly record struct StatsWindow(DateTimeOffset From, DateTimeOffset To);

/// <summary>What narrows a question; every name is canonical, null does not narrow, and what is given combines.</summary>
public readonly record struct StatsFilter(string? CustomerId, string? Provider, string? Model, string? Agent)
{
    public StatsKind Kind { get; init; }
}

/// <summary>Kinds of calls that are asked for together.</summary>
public enum StatsKind
{
    All,
    Llm,

    /// <summary>Vector DBs and APIs.</summary>
    Infrastructure,
}

/// <summary>What the rows of a list are.</summary>
public enum StatsGroup
{
    Provider,
    Model,
    Customer,
    Agent,
}

/// <summary>What a question tells apart: it decides which rollups can answer.</summary>
public enum StatsKeys
{
    /// <summary>Providers, models and agents.</summary>
    Labels,

    /// <summary>Customers.</summary>
    Customers,

    /// <summary>Both.</summary>
    CustomersAndLabels,

    /// <summary>Sections, providers, models and agents: kept by day.</summary>
    Sections,
}

/// <summary>Finds the <see cref="StatsKeys"/> of questions.</summary>
public static class StatsKeysOf
{
    /// <summary>Of a list: its rows and what narrows them.</summary>
    public static StatsKeys List(StatsGroup group, StatsFilter filter) =>
        Of(group == StatsGroup.Customer || filter.CustomerId is not null, group != StatsGroup.Customer || HasLabels(filter));

    /// <summary>Of sums of everything.</summary>
    public static StatsKeys Sums(StatsFilter filter) => Of(filter.CustomerId is not null, HasLabels(filter));

    private static bool HasLabels(StatsFilter filter) => filter.Provider is not null || filter.Model is not null || filter.Agent is not null
        || filter.Kind != StatsKind.All;

    private static StatsKeys Of(bool customers, bool labels) =>
        !customers ? StatsKeys.Labels : labels ? StatsKeys.CustomersAndLabels : StatsKeys.Customers;
}

/// <summary>What a list is ordered by.</summary>
public enum StatsSort
{
    Cost,
    Calls,
    Errors,
    InputTokens,
    OutputTokens,

    /// <summary>The average of the calls that say theirs.</summary>
    Latency,
    Name,
}

/// <summary>The order of a list; rows that are equal in it are in the order of their names. By default the dearest come first.</summary>
public readonly record struct StatsOrder(StatsSort Sort, bool IsAscending);

/// <summary>A question for sums: whose, over which rollups, and of what.</summary>
public sealed record StatsQuery(AccountId Account, RollupPlan Plan, StatsFilter Filter)
{
    /// <summary>Of a list.</summary>
    public StatsOrder Order { get; init; }

    /// <summary>Of a list: only the names that hold this, in capitals or not. Shares stay those of all.</summary>
    public string? Search { get; init; }
}

/// <summary>Where a list goes on: behind the row with this name, of this value in the list's order.</summary>
public readonly record struct StatsPosition(long Value, string Name);
