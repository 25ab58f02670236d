using System.Collections.Immutable;
using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices.Import;

/// <summary>
/// Reads the public price data of the project pydantic/genai-prices (its format v2, a list of providers with their models) into a book:
/// <code>
/// [{"id":"openai","pricing_urls":["https://…"],"provider_match":{"contains":"openai"},"model_match":{"starts_with":"gpt-"},
///   "models":[{"id":"gpt-4o","match":{"or":[{"equals":"gpt-4o"},…]},
///     "prices":{"input_mtok":2.5,"cache_read_mtok":1.25,"output_mtok":10}}]}]
/// </code>
/// A model that it cannot read in full is left out and reported, and what the book had for it stays; so one bad model harms no other, and
/// no price is taken for less than it is.
/// </summary>
public static class GenAiPricesImport
{
    /// <summary>What entries made here say of where they were read.</summary>
    public const string Via = "genai-prices";

    /// <summary>Where a provider gives no address of its own.</summary>
    private const string ProjectAddress = "https://github.com/pydantic/genai-prices";

    /// <summary>The public file has under 0.5 MB; much more is another file.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>The longest real model id has 80 characters.</summary>
    private const int MaxIdLength = 200;

    /// <param name="utf8">The file.</param>
    /// <param name="existing">The book that it adds to: what it does not name stays.</param>
    /// <param name="asOf">The day from which the file's undated figures are known to hold.</param>
    /// <returns>The book with the next version, and what was done.</returns>
    public static PriceImport Read(ReadOnlyMemory<byte> utf8, PriceBook existing, DateOnly asOf)
    {
        var faults = new List<Fault>();
        var read = ReadProviders(utf8, asOf, faults);
        return PriceMerge.Merge(existing, read, faults);
    }

    private static List<ImportedProvider> ReadProviders(ReadOnlyMemory<byte> utf8, DateOnly asOf, List<Fault> faults)
    {
        if (utf8.Length > MaxBytes)
        {
            faults.Add(new Fault("", FaultCodes.TooLong, $"the file has more than {MaxBytes} bytes"));
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                return ReadProviders(new PriceJson(document.RootElement, "", faults), asOf);
            }

            faults.Add(new Fault("", FaultCodes.Malformed, "the file is no list of providers"));
        }
        catch (JsonException exception)
        {
            faults.Add(new Fault("", FaultCodes.Malformed, $"the file is not JSON: {exception.Message}"));
        }

        return [];
    }

    private static List<ImportedProvider> ReadProviders(PriceJson root, DateOnly asOf)
    {
        var providers = new List<ImportedProvider>();
        foreach (var json in root.Items())
        {
            Guard(json, () =>
            {
                if (ReadProvider(json, asOf) is { } provider)
                {
                    if (providers.Exists(other => other.Provider.Id == provider.Provider.Id))
                    {
                        json.Fail("id", FaultCodes.Conflict, "the provider is there twice; the first is used");
                        return;
                    }

                    providers.Add(provider);
                }
            });
        }

        return providers;
    }

    private static ImportedProvider? ReadProvider(PriceJson json, DateOnly asOf)
    {
        if (json.Text("id") is not { } id)
        {
            return null;
        }

        if (!IsName(id) || id.Contains('/', StringComparison.Ordinal))
        {
            json.Fail("id", FaultCodes.Malformed, "the provider's id cannot be used");
            return null;
        }

        id = id.ToLowerInvariant();
        var source = json.Has("pricing_urls") && json.Texts("pricing_urls") is [var address, ..] ? address : ProjectAddress;
        var entries = new List<PriceEntry>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var model in json.List("models"))
        {
            Guard(model, () =>
            {
                if (ReadModel(model, id, source, asOf) is not { } entry)
                {
                    return;
                }

                if (seen.Add(entry.Id))
                {
                    entries.Add(entry);
                }
                else
                {
                    model.Fail("id", FaultCodes.Conflict, "the model is there twice; the first is used");
                }
            });
        }

        var provider = new PriceProvider
        {
            Id = id,
            Match = json.Rule("provider_match"),
            ModelMatch = json.Rule("model_match"),
            Fallback = json.Texts("fallback_model_providers"),
        };
        return new ImportedProvider(provider, entries);
    }

    private static PriceEntry? ReadModel(PriceJson json, string provider, string source, DateOnly asOf)
    {
        var before = json.Faults.Count;
        var model = json.Text("id");
        if (model is not null && !IsName(model))
        {
            json.Fail("id", FaultCodes.Malformed, "the model's id cannot be used");
        }

        var match = json.Rule("match");
        if (!json.Has("match"))
        {
            json.Fail("match", FaultCodes.Required, "without a rule nothing says which names it covers");
        }

        var periods = GenAiPricesRates.Read(json);
        return json.Faults.Count > before || model is null
            ? null
            : new PriceEntry
            {
                Id = $"{provider}/{model}",
                Provider = provider,
                Model = model,
                Match = match,
                Periods = periods,
                Source = source,
                Via = Via,
                AsOf = asOf,
            };
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxIdLength && text.Trim().Length == text.Length && !text.Any(char.IsControl);

    /// <summary>A text with half a surrogate pair is only found when it is read, wherever that happens.</summary>
    private static void Guard(PriceJson json, Action read)
    {
        try
        {
            read();
        }
        catch (InvalidOperationException exception)
        {
            json.Fail("", FaultCodes.BadCharacter, exception.Message);
        }
    }
}

/// <summary>A provider as a file gives it, with the models that could be read.</summary>
internal sealed record ImportedProvider(PriceProvider Provider, IReadOnlyList<PriceEntry> Entries);
