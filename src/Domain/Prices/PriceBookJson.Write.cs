using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmObserve.Domain.Prices;

public static partial class PriceBookJson
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <summary>The file is never embedded in a page, so it may show quotes and other letters as they are.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>UTF-8 without a mark, one provider and one entry a line. The version is not part of it.</summary>
    public static byte[] Write(PriceBook book)
    {
        var text = new StringBuilder().Append("{\"format\":\"").Append(Format).Append("\",\n\"providers\":[\n");
        text.AppendJoin(",\n", book.Providers.Select(Line)).Append("\n],\n\"entries\":[\n");
        text.AppendJoin(",\n", book.Entries.Select(Line)).Append("\n]}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>One entry as it stands in the file.</summary>
    internal static string Line(PriceEntry entry) => Compact(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        if (entry.Id != $"{entry.Provider}/{entry.Model}")
        {
            json.WriteString("model", entry.Model);
        }

        WriteRule(json, "match", entry.Match);
        WriteEndpoints(json, entry);
        if (entry.PerCall is { } unit)
        {
            json.WriteString("per_call", unit.Name());
        }

        if (entry.AnyCall)
        {
            json.WriteBoolean("any_call", true);
        }

        json.WritePropertyName("prices");
        WritePrices(json, entry.Periods);
        json.WriteString("source", entry.Source);
        if (entry.Via.Length > 0)
        {
            json.WriteString("via", entry.Via);
        }

        json.WriteString("as_of", entry.AsOf.ToString("yyyy-MM-dd"));
        json.WriteEndObject();
    });

    /// <summary>An entry's prices as they stand in the file.</summary>
    internal static string Prices(PriceEntry entry) => Compact(json => WritePrices(json, entry.Periods));

    /// <summary>One of an account's own prices.</summary>
    internal static string Line(AccountPrice price) => Compact(json =>
    {
        json.WriteStartObject();
        json.WriteString("provider", price.Provider);
        if (price.Model.Length > 0)
        {
            json.WriteString("model", price.Model);
        }

        json.WritePropertyName("prices");
        WritePrices(json, [price.Period]);
        json.WriteEndObject();
    });

    /// <summary>What an entry covers as it stands in the file.</summary>
    internal static string Rule(PriceEntry entry) => Compact(json =>
    {
        json.WriteStartObject();
        WriteRule(json, "match", entry.Match);
        WriteEndpoints(json, entry);
        json.WriteEndObject();
    });

    internal static string Line(PriceProvider provider) => Compact(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", provider.Id);
        WriteTexts(json, "aliases", provider.Aliases);
        WriteRule(json, "match", provider.Match);
        WriteRule(json, "models", provider.ModelMatch);
        WriteTexts(json, "fallback", provider.Fallback);
        json.WriteEndObject();
    });

    private static string Compact(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyCollection<string> texts)
    {
        if (texts.Count > 0)
        {
            json.WriteStartArray(name);
            foreach (var text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteEndpoints(Utf8JsonWriter json, PriceEntry entry)
    {
        if (entry.Endpoints.IsEmpty || entry.Endpoints.All(endpoint => endpoint.PerCall is null))
        {
            WriteTexts(json, "endpoints", [.. entry.Endpoints.Select(endpoint => endpoint.Name)]);
            return;
        }

        json.WriteStartObject("endpoints");
        foreach (var endpoint in entry.Endpoints)
        {
            json.WriteString(endpoint.Name, endpoint.PerCall?.Name());
        }

        json.WriteEndObject();
    }

    private static void WritePrices(Utf8JsonWriter json, ImmutableArray<PricePeriod> periods)
    {
        if (periods is [{ From: null, Until: null, DailyFrom: null } always])
        {
            WriteRates(json, always.Rates);
            return;
        }

        json.WriteStartArray();
        foreach (var period in periods)
        {
            json.WriteStartObject();
            WriteInstant(json, "from", period.From);
            WriteInstant(json, "until", period.Until);
            if (period is { DailyFrom: { } start, DailyUntil: { } end })
            {
                WriteTexts(json, "daily", [Time(start), Time(end)]);
            }

            json.WritePropertyName("rates");
            WriteRates(json, period.Rates);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Time(TimeOnly time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss");

    private static void WriteInstant(Utf8JsonWriter json, string name, DateTimeOffset? instant)
    {
        if (instant is { } at)
        {
            var utc = at.UtcDateTime;
            json.WriteString(name, utc.ToString(utc.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : InstantFormat));
        }
    }

    private static void WriteRates(Utf8JsonWriter json, RateTable rates)
    {
        json.WriteStartObject();
        foreach (var kind in rates.Kinds)
        {
            json.WritePropertyName(kind.Name());
            WriteRate(json, rates[kind]!, kind.NaturalPer());
        }

        if (rates.PercentOfAmount is { } percent)
        {
            json.WriteNumber("percent", percent);
        }

        json.WriteEndObject();
    }

    private static void WriteRate(Utf8JsonWriter json, Rate rate, int naturalPer)
    {
        if (rate.Tiers.IsEmpty && rate.Base.Per == naturalPer)
        {
            json.WriteNumberValue(rate.Base.Usd);
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("usd", rate.Base.Usd);
        if (rate.Base.Per != naturalPer)
        {
            json.WriteNumber("per", rate.Base.Per);
        }

        if (!rate.Tiers.IsEmpty)
        {
            json.WriteStartArray("tiers");
            foreach (var tier in rate.Tiers)
            {
                json.WriteStartObject();
                json.WriteNumber("above", tier.Above);
                json.WriteNumber("usd", tier.Price.Usd);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, string name, MatchRule? rule)
    {
        if (rule is not null)
        {
            json.WritePropertyName(name);
            WriteRule(json, rule);
        }
    }

    private static void WriteRule(Utf8JsonWriter json, MatchRule rule)
    {
        switch (rule.Kind)
        {
            case MatchKind.Equals:
                json.WriteStringValue(rule.Text);
                break;
            case MatchKind.Or:
                json.WriteStartArray();
                WriteRules(json, rule);
                json.WriteEndArray();
                break;
            case MatchKind.And:
                json.WriteStartObject();
                json.WriteStartArray("and");
                WriteRules(json, rule);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            default:
                json.WriteStartObject();
                json.WriteString(Word(rule.Kind), rule.Text);
                json.WriteEndObject();
                break;
        }
    }

    private static void WriteRules(Utf8JsonWriter json, MatchRule rule)
    {
        foreach (var part in rule.Parts)
        {
            WriteRule(json, part);
        }
    }

    private static string Word(MatchKind kind) => kind switch
    {
        MatchKind.StartsWith => "starts_with",
        MatchKind.EndsWith => "ends_with",
        MatchKind.Contains => "contains",
        MatchKind.Regex => "regex",
        _ => throw new InvalidOperationException($"{kind} is written without a word"),
    };
}
