using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices.Import;

/// <summary>
/// Reads the <c>prices</c> of a model: one object, or a list of which the last whose <c>constraint</c> holds applies:
/// <code>
/// "prices":[{"prices":{"input_mtok":10,"output_mtok":40}},
///           {"constraint":{"start_date":"2025-06-10"},
///            "prices":{"input_mtok":{"base":2,"tiers":[{"start":200000,"price":4}]},"output_mtok":8}}]
/// </code>
/// An empty object is a model that is given away.
/// </summary>
internal static class GenAiPricesRates
{
    /// <summary>A price under another name is not taken: left out, what it is for would be priced too low.</summary>
    private static readonly Dictionary<string, (PriceKind Kind, int Per)> Kinds = new(StringComparer.Ordinal)
    {
        ["input_mtok"] = (PriceKind.Input, 1_000_000),
        ["output_mtok"] = (PriceKind.Output, 1_000_000),
        ["cache_read_mtok"] = (PriceKind.CacheRead, 1_000_000),
        ["cache_write_mtok"] = (PriceKind.CacheWrite5m, 1_000_000),
        ["cache_write_1h_mtok"] = (PriceKind.CacheWrite1h, 1_000_000),
        ["output_reasoning_mtok"] = (PriceKind.Reasoning, 1_000_000),
        ["output_citation_mtok"] = (PriceKind.Citation, 1_000_000),
        ["input_audio_mtok"] = (PriceKind.InputAudio, 1_000_000),
        ["cache_audio_read_mtok"] = (PriceKind.CacheAudioRead, 1_000_000),
        ["output_audio_mtok"] = (PriceKind.OutputAudio, 1_000_000),
        ["input_image_mtok"] = (PriceKind.InputImage, 1_000_000),
        ["cache_image_read_mtok"] = (PriceKind.CacheImageRead, 1_000_000),
        ["output_image_mtok"] = (PriceKind.OutputImage, 1_000_000),
        ["input_video_mtok"] = (PriceKind.InputVideo, 1_000_000),
        ["output_video_mtok"] = (PriceKind.OutputVideo, 1_000_000),
        ["requests_kcount"] = (PriceKind.Requests, 1_000),
        ["web_searches_kcount"] = (PriceKind.WebSearches, 1_000),
        ["input_mchars"] = (PriceKind.Characters, 1_000_000),
        ["audio_hours"] = (PriceKind.Seconds, 3_600),
        ["input_audio_hours"] = (PriceKind.Seconds, 3_600),
    };

    private static readonly RateTable Free = new([
        new(PriceKind.Input, Rate.Flat(0, PriceKind.Input.NaturalPer())),
        new(PriceKind.Output, Rate.Flat(0, PriceKind.Output.NaturalPer())),
    ]);

    public static ImmutableArray<PricePeriod> Read(PriceJson model)
    {
        if (model.Member("prices") is not { } prices)
        {
            model.Fail("prices", FaultCodes.Required, "the model has no prices");
            return [];
        }

        if (prices.Element.ValueKind == JsonValueKind.Object)
        {
            return [new PricePeriod(ReadRates(prices))];
        }

        if (prices.Element.ValueKind == JsonValueKind.Array && prices.Element.GetArrayLength() > 0)
        {
            return [.. prices.Items().Select(ReadConditional)];
        }

        model.Fail("prices", FaultCodes.Malformed, "prices are an object or a list of them");
        return [];
    }

    private static PricePeriod ReadConditional(PriceJson json)
    {
        json.Only("constraint", "prices");
        var rates = RateTable.Empty;
        if (json.Member("prices") is { Element.ValueKind: JsonValueKind.Object } prices)
        {
            rates = ReadRates(prices);
        }
        else
        {
            json.Fail("prices", FaultCodes.Required, "an object of prices is needed");
        }

        if (json.Member("constraint") is not { } constraint)
        {
            return new PricePeriod(rates);
        }

        constraint.Only("start_date", "start_time", "end_time");
        var from = constraint.Has("start_date") && constraint.Date("start_date") is { } day
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : (DateTimeOffset?)null;
        TimeOnly? start = null;
        TimeOnly? end = null;
        if (constraint.Has("start_time") || constraint.Has("end_time"))
        {
            start = Time(constraint, "start_time");
            end = Time(constraint, "end_time");
        }

        if (!constraint.Has("start_date") && !constraint.Has("start_time") && !constraint.Has("end_time"))
        {
            constraint.Fail("", FaultCodes.Malformed, "the constraint says nothing that is understood");
        }

        return new PricePeriod(rates, from, null, start, end);
    }

    private static TimeOnly? Time(PriceJson json, string name)
    {
        if (json.Text(name) is { } text)
        {
            if (PriceJson.TryTime(text, out var time))
            {
                return time;
            }

            json.Fail(name, FaultCodes.Malformed, "a time of day in UTC is needed, as 16:30:00Z");
        }

        return null;
    }

    private static RateTable ReadRates(PriceJson json)
    {
        var rates = new List<KeyValuePair<PriceKind, Rate>>();
        foreach (var name in json.Names())
        {
            if (!json.Has(name))
            {
                continue;
            }

            if (!Kinds.TryGetValue(name, out var unit))
            {
                json.Fail(name, FaultCodes.UnknownValue, "this kind of price is not known");
            }
            else if (ReadRate(json, name, unit.Per) is { } rate)
            {
                rates.Add(new(unit.Kind, rate));
            }
        }

        return rates.Count == 0 ? Free : new RateTable(rates);
    }

    private static Rate? ReadRate(PriceJson json, string name, int per)
    {
        var value = json.Member(name)!.Value;
        if (value.Element.ValueKind != JsonValueKind.Object)
        {
            return json.Price(name, per) is { } plain ? new Rate(plain, []) : null;
        }

        value.Only("base", "tiers");
        var tiers = value.List("tiers").Select(tier =>
        {
            tier.Only("start", "price");
            return (Above: tier.Whole("start"), Price: tier.Price("price", per));
        }).ToList();
        return value.Price("base", per) is { } basePrice && tiers.TrueForAll(tier => tier is { Above: not null, Price: not null })
            ? new Rate(basePrice, [.. tiers.Select(tier => new RateTier(tier.Above!.Value, tier.Price!.Value))])
            : null;
    }
}
