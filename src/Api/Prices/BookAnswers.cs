using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Api.Prices;

/// <summary>One page of the price book.</summary>
/// <param name="BookVersion">Of the book in effect.</param>
/// <param name="Items">By provider and model.</param>
/// <param name="NextCursor">Null on the last page.</param>
internal sealed record BookPage(int BookVersion, IReadOnlyList<BookEntryAnswer> Items, string? NextCursor);

/// <summary>The prices of one model or service of one provider.</summary>
internal sealed record BookEntryAnswer
{
    public BookEntryAnswer(PriceEntry entry, DateTimeOffset now)
    {
        var holds = entry.Periods.LastOrDefault(period => period.Holds(now));
        Id = entry.Id;
        Provider = entry.Provider;
        Model = entry.Model;
        Endpoints = [.. entry.Endpoints.Select(endpoint => endpoint.Name)];
        Prices = holds is null ? [] : UnitPriceAnswer.ListOf(holds.Rates);
        PercentOfAmount = holds?.Rates.PercentOfAmount;
        ValidFrom = holds?.From;
        ValidUntil = holds?.Until;
        Periods = entry.Periods.Length == 1 ? null : [.. entry.Periods.Select(period => new PricePeriodAnswer(period))];
        Source = entry.Source;
        Via = entry.Via.Length == 0 ? null : entry.Via;
        AsOf = entry.AsOf;
    }

    /// <summary>What an event keeps to say what priced it.</summary>
    public string Id { get; }

    public string Provider { get; }

    /// <summary>Canonical.</summary>
    public string Model { get; }

    /// <summary>Those that it is limited to; empty for any.</summary>
    public ImmutableArray<string> Endpoints { get; }

    /// <summary>Those that hold now, by kind; empty where none do.</summary>
    public ImmutableArray<UnitPriceAnswer> Prices { get; }

    /// <summary>A share of an amount that the call moves, which no event states: such calls are unpriced.</summary>
    public decimal? PercentOfAmount { get; }

    /// <summary>The first instant of these prices, where one is known.</summary>
    public DateTimeOffset? ValidFrom { get; }

    /// <summary>The first instant at which they hold no more, where there is one.</summary>
    public DateTimeOffset? ValidUntil { get; }

    /// <summary>All prices and when they hold, where they change; left out where they do not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PricePeriodAnswer>? Periods { get; }

    /// <summary>Where the figures are from.</summary>
    public string Source { get; }

    /// <summary>The public data that they were read through; null where the source itself was read.</summary>
    public string? Via { get; }

    /// <summary>The day from which the source is known to say so.</summary>
    public DateOnly AsOf { get; }
}

/// <summary>Prices and when they hold.</summary>
internal sealed record PricePeriodAnswer
{
    public PricePeriodAnswer(PricePeriod period)
    {
        From = period.From;
        Until = period.Until;
        Daily = period is { DailyFrom: { } start, DailyUntil: { } end } ? [start, end] : null;
        Prices = UnitPriceAnswer.ListOf(period.Rates);
    }

    public DateTimeOffset? From { get; }

    /// <summary>The first instant at which they hold no more.</summary>
    public DateTimeOffset? Until { get; }

    /// <summary>From when to when each day, in UTC; null for the whole day.</summary>
    public IReadOnlyList<TimeOnly>? Daily { get; }

    public ImmutableArray<UnitPriceAnswer> Prices { get; }
}

/// <summary>The price of one kind.</summary>
/// <param name="Kind">input, output, cache_read, requests and others.</param>
/// <param name="Usd">US dollars for <paramref name="Per"/> of them.</param>
/// <param name="Per">A million for nearly all tokens, one for nearly all else.</param>
/// <param name="Tiers">Prices of the whole call from some input on; empty where there are none.</param>
internal sealed record UnitPriceAnswer(string Kind, decimal Usd, int Per, IReadOnlyList<PriceTierAnswer> Tiers)
{
    public static ImmutableArray<UnitPriceAnswer> ListOf(RateTable rates) =>
    [
        .. rates.Kinds.Select(kind => (Kind: kind, Rate: rates[kind]!)).Select(each => new UnitPriceAnswer(
            each.Kind.Name(),
            each.Rate.Base.Usd,
            each.Rate.Base.Per,
            [.. each.Rate.Tiers.Select(tier => new PriceTierAnswer(tier.Above, tier.Price.Usd, tier.Price.Per))])),
    ];
}

/// <summary>Once a call's input is more than <paramref name="Above"/> tokens, this is the price of the whole call.</summary>
internal sealed record PriceTierAnswer(long Above, decimal Usd, int Per);
