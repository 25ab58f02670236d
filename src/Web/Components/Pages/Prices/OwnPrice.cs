using System.Globalization;
using System.Text.Json.Nodes;
using LlmObserve.Web.Api;

namespace LlmObserve.Web.Components.Pages.Prices;

/// <summary>A price as people read it: <c>input $2 per million, output $8 per million</c>.</summary>
internal static class OwnPrice
{
    private const long Million = 1_000_000;

    /// <summary>Kinds that are priced by the token, and so by the million where a price is only a number.</summary>
    private static readonly string[] s_tokens =
        ["input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "input_audio", "output_audio", "input_image", "output_image"];

    public static string? Text(JsonNode price, string name) => price[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The prices of one of the account's own.</summary>
    public static string Words(JsonNode price) => price["prices"] switch
    {
        JsonObject rates => string.Join(", ", rates.Select(rate => Words(rate.Key, rate.Value))),
        JsonArray periods => $"{periods.Count} {(periods.Count == 1 ? "period" : "periods")}, see the JSON",
        _ => "",
    };

    /// <summary>The prices of an entry of the book.</summary>
    public static string Words(BookEntryAnswer entry) => entry.PercentOfAmount is { } percent
        ? $"{percent.ToString(CultureInfo.InvariantCulture)} % of the amount"
        : string.Join(", ", (entry.Prices ?? []).Select(price => Words(price.Kind, price.Usd, price.Per)));

    private static string Words(string kind, JsonNode? rate) => rate switch
    {
        JsonValue number when number.TryGetValue(out decimal usd) => Words(kind, usd, s_tokens.Contains(kind) ? Million : 1),
        JsonObject with when with["usd"] is JsonValue value && value.TryGetValue(out decimal usd) =>
            Words(kind, usd, with["per"] is JsonValue per && per.TryGetValue(out long units) ? units : 1) + (with["tiers"] is JsonArray { Count: > 0 } ? ", by tiers" : ""),
        _ => kind,
    };

    private static string Words(string kind, decimal usd, long per) => $"{kind.Replace('_', ' ')} ${usd.ToString("0.############", CultureInfo.InvariantCulture)}" + per switch
    {
        1 => "",
        Million => " per million",
        _ => $" per {per.ToString("N0", CultureInfo.InvariantCulture)}",
    };
}
