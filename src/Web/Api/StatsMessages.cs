using System.Text.Json.Serialization;
using LlmObserve.Domain.Money;

namespace LlmObserve.Web.Api;

/// <summary>Figures of some calls, as the API gives them.</summary>
public record FiguresAnswer
{
    public static readonly FiguresAnswer None = new();

    public Usd TotalCost { get; init; }

    public long CallCount { get; init; }

    /// <summary>Without cached tokens.</summary>
    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CachedTokens { get; init; }

    public long Errors { get; init; }

    public long UnpricedCount { get; init; }

    public decimal? AvgLatencyMs { get; init; }

    public long? P50Ms { get; init; }

    public long? P95Ms { get; init; }

    /// <summary>Of the cost of all rows of the list.</summary>
    public decimal Percentage { get; init; }

    public long Tokens => InputTokens + OutputTokens + CachedTokens;
}

/// <summary>One row of a list: its name is that of what the list is by.</summary>
public sealed record NamedFigures : FiguresAnswer
{
    public string? Provider { get; init; }

    public string? Model { get; init; }

    public string? Agent { get; init; }

    public string? CustomerId { get; init; }
}

/// <summary>The stretch that figures cover, in whole buckets.</summary>
public sealed record WindowAnswer(DateTimeOffset From, DateTimeOffset To);

/// <summary>A page of a list.</summary>
public sealed record PageAnswer<T>(IReadOnlyList<T> Items, string? NextCursor, WindowAnswer? Window);

/// <summary>How a period compares with the one before, in percent; null where that had nothing.</summary>
public sealed record ChangeAnswer(decimal? TotalCostPercent, decimal? CallCountPercent);

/// <summary>The figures of the period before, up to the same moment of it.</summary>
public sealed record PreviousAnswer : FiguresAnswer
{
    public required WindowAnswer Window { get; init; }
}

/// <summary>A day, week or month until now.</summary>
public sealed record PeriodAnswer : FiguresAnswer
{
    public required WindowAnswer Window { get; init; }

    public required PreviousAnswer Previous { get; init; }

    public Usd PreviousWholeCost { get; init; }

    public required ChangeAnswer Change { get; init; }
}

/// <summary>The current day, week and month.</summary>
public sealed record PeriodsAnswer(DateTimeOffset At, PeriodAnswer Today, PeriodAnswer Week, PeriodAnswer Month);

/// <summary>One name over time.</summary>
public sealed record SeriesAnswer(
    string? Name, Usd TotalCost, long CallCount, IReadOnlyList<Usd> Costs, IReadOnlyList<long> Calls, IReadOnlyList<long> Errors)
{
    /// <summary>Both together, without a name.</summary>
    public static SeriesAnswer Sum(SeriesAnswer a, SeriesAnswer b) => new(
        null,
        a.TotalCost + b.TotalCost,
        a.CallCount + b.CallCount,
        [.. a.Costs.Zip(b.Costs, (x, y) => x + y)],
        [.. a.Calls.Zip(b.Calls, (x, y) => x + y)],
        [.. a.Errors.Zip(b.Errors, (x, y) => x + y)]);
}

/// <summary>Figures over time, the dearest names apart and the others together.</summary>
public sealed record TimeSeriesAnswer(
    WindowAnswer Window, string Bucket, IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<SeriesAnswer> Series, SeriesAnswer? Other);

/// <summary>The figures of a window.</summary>
public sealed record OverviewAnswer : FiguresAnswer
{
    public required WindowAnswer Window { get; init; }

    public required PreviousAnswer Previous { get; init; }

    public required ChangeAnswer Change { get; init; }

    public IReadOnlyList<NamedFigures> TopProviders { get; init; } = [];

    public IReadOnlyList<NamedFigures> TopModels { get; init; } = [];

    public IReadOnlyList<NamedFigures> TopCustomers { get; init; } = [];
}

/// <summary>A run in a list.</summary>
public record RunAnswer : FiguresAnswer
{
    public required string RunId { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    public bool Truncated { get; init; }
}

/// <summary>The calls to one model of one provider.</summary>
public record LlmFigures : FiguresAnswer
{
    public string Provider { get; init; } = "";

    public string? Model { get; init; }

    /// <summary>US dollars.</summary>
    [JsonPropertyName("cost_per_1k_calls")]
    public Usd CostPer1kCalls { get; init; }
}

/// <summary>A page of models, and the figures of all of them.</summary>
public sealed record LlmsAnswer(IReadOnlyList<LlmFigures> Items, string? NextCursor, WindowAnswer Window, LlmFigures Totals);

/// <summary>The calls to one vector database or API.</summary>
public record ServiceFigures : FiguresAnswer
{
    public string Provider { get; init; } = "";

    /// <summary><c>vector_db</c> or <c>api</c>.</summary>
    public string? Type { get; init; }

    public long Reads { get; init; }

    public long Writes { get; init; }

    public long ApiCalls { get; init; }
}

/// <summary>The services that are no models, and the figures of all of them.</summary>
public sealed record InfrastructureAnswer(IReadOnlyList<ServiceFigures> Items, string? NextCursor, WindowAnswer Window, ServiceFigures Totals);

/// <summary>What the account says of a customer of its own.</summary>
public sealed record CustomerAnswer(string CustomerId, string? Name, Usd? MonthlyPriceUsd);
