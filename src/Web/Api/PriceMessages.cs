using System.Text.Json.Nodes;

namespace LlmObserve.Web.Api;

/// <summary>The account's own prices, in the form in which they are sent back.</summary>
public sealed record PricingAnswer(long Version, int BookVersion, JsonArray Overrides, DateTimeOffset? UpdatedAt);

/// <summary>A page of the price book.</summary>
public sealed record BookPageAnswer(int BookVersion, IReadOnlyList<BookEntryAnswer> Items, string? NextCursor);

/// <summary>What the price book says of one model or service.</summary>
public sealed record BookEntryAnswer(
    string Id, string Provider, string? Model, IReadOnlyList<UnitPriceAnswer>? Prices, decimal? PercentOfAmount, DateTimeOffset? ValidFrom, string? Source);

/// <summary>A price: US dollars for so many units of a kind.</summary>
public sealed record UnitPriceAnswer(string Kind, decimal Usd, long Per);
