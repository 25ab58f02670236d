using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices;

/// <summary>The book as JSON, one provider and one entry a line. The format is described in the README beside this file.</summary>
public static partial class PriceBookJson
{
    /// <summary>Changes with every change that an older reader would misread.</summary>
    public const string Format = "llmobserve-prices/1";

    /// <exception cref="PriceBookFormatException">With every fault of the text.</exception>
    public static PriceBook Read(ReadOnlyMemory<byte> utf8, int version)
    {
        var faults = new List<Fault>();
        var book = Read(utf8, version, faults);
        return faults.Count == 0 && book is not null ? book : throw new PriceBookFormatException([.. faults]);
    }

    private static PriceBook? Read(ReadOnlyMemory<byte> utf8, int version, List<Fault> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = new PriceJson(document.RootElement, "", faults);
            if (root.Text("format") is { } format && format != Format)
            {
                root.Fail("format", FaultCodes.UnknownValue, $"the format is {format}; this program reads {Format}");
            }

            var providers = root.List("providers").Select(ReadProvider).ToImmutableArray();
            var entries = root.List("entries").Select(ReadEntry).ToImmutableArray();
            FindDoubles(root, entries, providers);
            root.Only("format", "providers", "entries");
            return faults.Count == 0 ? new PriceBook(version, providers, entries) : null;
        }
        catch (JsonException exception)
        {
            faults.Add(new Fault("", FaultCodes.Malformed, $"not JSON: {exception.Message}"));
        }
        catch (InvalidOperationException exception)
        {
            // A text with half a surrogate pair is only found when it is read.
            faults.Add(new Fault("", FaultCodes.BadCharacter, exception.Message));
        }
        catch (ArgumentException exception)
        {
            faults.Add(new Fault("providers", FaultCodes.Conflict, exception.Message));
        }

        return null;
    }

    private static void FindDoubles(PriceJson root, ImmutableArray<PriceEntry> entries, ImmutableArray<PriceProvider> providers)
    {
        foreach (var group in entries.GroupBy(entry => entry.Id, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            root.Fail("entries", FaultCodes.Conflict, $"the id {group.Key} is there {group.Count()} times");
        }

        var known = providers.Select(provider => provider.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in entries.Select(entry => entry.Provider).Concat(providers.SelectMany(provider => provider.Fallback)).Distinct())
        {
            if (!known.Contains(id))
            {
                root.Fail("providers", FaultCodes.Required, $"the provider {id} is named but not listed");
            }
        }
    }

    private static PriceProvider ReadProvider(PriceJson json)
    {
        json.Only("id", "aliases", "match", "models", "fallback");
        return new PriceProvider
        {
            Id = json.Text("id") ?? "",
            Aliases = json.Texts("aliases"),
            Match = json.Rule("match"),
            ModelMatch = json.Rule("models"),
            Fallback = json.Texts("fallback"),
        };
    }

    private static PriceEntry ReadEntry(PriceJson json)
    {
        json.Only("id", "model", "match", "endpoints", "per_call", "any_call", "prices", "source", "via", "as_of");
        var id = json.Text("id") ?? "";
        var slash = id.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == id.Length - 1)
        {
            json.Fail("id", FaultCodes.Malformed, "an id is provider/model");
        }

        return new PriceEntry
        {
            Id = id,
            Provider = slash < 0 ? "" : id[..slash],
            Model = json.Has("model") ? json.Text("model") ?? "" : id[(slash + 1)..],
            Match = json.Rule("match"),
            Endpoints = ReadEndpoints(json),
            PerCall = json.Kind("per_call"),
            AnyCall = json.Flag("any_call"),
            Periods = ReadPeriods(json),
            Source = json.Text("source") ?? "",
            Via = json.Has("via") ? json.Text("via") ?? "" : "",
            AsOf = json.Date("as_of") ?? default,
        };
    }

    private static ImmutableArray<PriceEndpoint> ReadEndpoints(PriceJson json)
    {
        if (json.Member("endpoints") is not { } endpoints)
        {
            return [];
        }

        return endpoints.Element.ValueKind == JsonValueKind.Object
            ? [.. endpoints.Names().Select(name => new PriceEndpoint(name, endpoints.Kind(name)))]
            : [.. json.Texts("endpoints").Select(name => new PriceEndpoint(name, null))];
    }

    internal static ImmutableArray<PricePeriod> ReadPeriods(PriceJson json)
    {
        if (json.Member("prices") is not { } prices)
        {
            json.Fail("prices", FaultCodes.Required, "an entry needs prices");
            return [];
        }

        return prices.Element.ValueKind == JsonValueKind.Array
            ? [.. json.List("prices").Select(ReadPeriod)]
            : [new PricePeriod(ReadRates(prices))];
    }

    private static PricePeriod ReadPeriod(PriceJson json)
    {
        json.Only("from", "until", "daily", "rates");
        var daily = json.Has("daily") ? json.Texts("daily") : [];
        TimeOnly? start = null;
        TimeOnly? end = null;
        if (daily is [var first, var second] && PriceJson.TryTime(first, out var from) && PriceJson.TryTime(second, out var until))
        {
            (start, end) = (from, until);
        }
        else if (json.Has("daily"))
        {
            json.Fail("daily", FaultCodes.Malformed, "a daily window is two times of day in UTC, as [\"00:30\", \"16:30\"]");
        }

        var rates = json.Member("rates") is { } table ? ReadRates(table) : RateTable.Empty;
        return new PricePeriod(rates, json.Instant("from"), json.Instant("until"), start, end);
    }

    private static RateTable ReadRates(PriceJson json)
    {
        var rates = new List<KeyValuePair<PriceKind, Rate>>();
        decimal? percent = null;
        foreach (var name in json.Names())
        {
            if (name == "percent")
            {
                percent = json.Number(name);
            }
            else if (!PriceKinds.TryParse(name, out var kind))
            {
                json.Fail(name, FaultCodes.UnknownValue, $"{name} is no kind of price");
            }
            else if (ReadRate(json, name, kind) is { } rate)
            {
                rates.Add(new(kind, rate));
            }
        }

        return new RateTable(rates, percent);
    }

    private static Rate? ReadRate(PriceJson json, string name, PriceKind kind)
    {
        var value = json.Member(name)!.Value;
        if (value.Element.ValueKind != JsonValueKind.Object)
        {
            return json.Price(name, kind.NaturalPer()) is { } plain ? new Rate(plain, []) : null;
        }

        value.Only("usd", "per", "tiers");
        var per = value.Has("per") ? value.Whole("per") : kind.NaturalPer();
        var perUnits = per is > 0 and <= UnitPrice.CommonPer ? (int)per : 0;
        var tiers = value.Has("tiers")
            ? value.List("tiers").Select(tier => (Above: tier.Whole("above"), Price: tier.Price("usd", perUnits))).ToList()
            : [];
        return value.Price("usd", perUnits) is { } basePrice && tiers.TrueForAll(tier => tier is { Above: not null, Price: not null })
            ? new Rate(basePrice, [.. tiers.Select(tier => new RateTier(tier.Above!.Value, tier.Price!.Value))])
            : null;
    }
}
