using System.Collections.Immutable;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices.Import;

/// <summary>Puts what a file gave into a book: the file's providers and models first, in its order, then what only the book has.</summary>
internal static class PriceMerge
{
    public static PriceImport Merge(PriceBook existing, List<ImportedProvider> read, List<Fault> faults)
    {
        var report = new PriceImportReport.Builder(faults);
        var providers = Providers(existing, read, report);
        var entries = new List<PriceEntry>();
        foreach (var provider in providers)
        {
            var own = read.Find(other => other.Provider.Id == provider.Id)?.Entries ?? [];
            var taken = own.Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal);
            entries.AddRange(own);
            foreach (var entry in own)
            {
                report.Note(existing.Entry(entry.Id), entry);
            }

            var kept = existing.Entries.Where(entry => entry.Provider == provider.Id && !taken.Contains(entry.Id)).ToList();
            entries.AddRange(kept);
            report.Keep(kept.Count);
        }

        var book = new PriceBook(existing.Version + 1, providers, [.. entries]);
        return new PriceImport(book, report.Build());
    }

    /// <summary>Aliases and the providers that only the book has are its own work and stay.</summary>
    private static ImmutableArray<PriceProvider> Providers(
        PriceBook existing, List<ImportedProvider> read, PriceImportReport.Builder report)
    {
        var known = read.Select(provider => provider.Provider.Id)
            .Concat(existing.Providers.Select(provider => provider.Id))
            .ToHashSet(StringComparer.Ordinal);
        var merged = new List<PriceProvider>();
        foreach (var (provider, _) in read)
        {
            foreach (var missing in provider.Fallback.Where(id => !known.Contains(id)))
            {
                report.Fault($"[{provider.Id}].fallback_model_providers", FaultCodes.UnknownValue, $"the provider {missing} is not there");
            }

            var old = existing.Providers.FirstOrDefault(other => other.Id == provider.Id);
            var next = provider with
            {
                Aliases = old?.Aliases ?? [],
                Fallback = [.. provider.Fallback.Where(known.Contains)],
            };
            merged.Add(next);
            report.Note(old, next);
        }

        var taken = merged.Select(provider => provider.Id).ToHashSet(StringComparer.Ordinal);
        return [.. merged, .. existing.Providers.Where(provider => !taken.Contains(provider.Id))];
    }
}
