using System.Collections.Immutable;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices.Import;

/// <summary>A book after an import, and what the import did.</summary>
public sealed record PriceImport(PriceBook Book, PriceImportReport Report);

/// <summary>An entry whose prices or rule an import changed.</summary>
/// <param name="Id">The entry.</param>
/// <param name="What"><c>prices</c>, <c>rule</c> or <c>provider</c>.</param>
/// <param name="Before">As it stood in the book.</param>
/// <param name="After">As it stands now.</param>
public sealed record PriceChange(string Id, string What, string Before, string After);

/// <summary>What an import added, changed and could not read.</summary>
public sealed record PriceImportReport(
    ImmutableArray<string> AddedProviders,
    ImmutableArray<PriceEntry> Added,
    ImmutableArray<PriceChange> Changed,
    int Unchanged,
    int Kept,
    ImmutableArray<Fault> Faults)
{
    /// <summary>False where the book would be the same: there is no need for a new version.</summary>
    public bool HasChanges => !AddedProviders.IsEmpty || !Added.IsEmpty || !Changed.IsEmpty;

    /// <summary>Plain text, a line for each thing, for a terminal.</summary>
    public void WriteTo(TextWriter output)
    {
        foreach (var provider in AddedProviders)
        {
            output.WriteLine($"+ {provider} (provider)");
        }

        foreach (var entry in Added)
        {
            output.WriteLine($"+ {entry.Id}  {PriceBookJson.Prices(entry)}");
        }

        foreach (var change in Changed)
        {
            output.WriteLine($"~ {change.Id} ({change.What})");
            output.WriteLine($"    before  {change.Before}");
            output.WriteLine($"    after   {change.After}");
        }

        foreach (var fault in Faults)
        {
            output.WriteLine($"! {(fault.Path.Length == 0 ? "the file" : fault.Path)}: {fault.Detail} ({fault.Code})");
        }

        output.WriteLine(
            $"{Added.Length} added, {Changed.Length} changed, {Unchanged} unchanged, {Kept} kept that the file does not have, "
            + $"{Faults.Length} faults");
    }

    /// <summary>Gathers a report while the merge goes on.</summary>
    internal sealed class Builder(List<Fault> faults)
    {
        private readonly List<string> addedProviders = [];
        private readonly List<PriceEntry> added = [];
        private readonly List<PriceChange> changed = [];
        private int unchanged;
        private int kept;

        public void Fault(string path, string code, string detail) => faults.Add(new Fault(path, code, detail));

        public void Keep(int count) => kept += count;

        public void Note(PriceProvider? before, PriceProvider after)
        {
            if (before is null)
            {
                addedProviders.Add(after.Id);
            }
            else if (PriceBookJson.Line(before) is var old && PriceBookJson.Line(after) is var now && old != now)
            {
                changed.Add(new PriceChange(after.Id, "provider", old, now));
            }
        }

        /// <summary>A later day or another address alone is no change.</summary>
        public void Note(PriceEntry? before, PriceEntry after)
        {
            if (before is null)
            {
                added.Add(after);
            }
            else if (PriceBookJson.Prices(before) is var oldPrices && PriceBookJson.Prices(after) is var newPrices && oldPrices != newPrices)
            {
                changed.Add(new PriceChange(after.Id, "prices", oldPrices, newPrices));
            }
            else if (PriceBookJson.Rule(before) is var oldRule && PriceBookJson.Rule(after) is var newRule && oldRule != newRule)
            {
                changed.Add(new PriceChange(after.Id, "rule", oldRule, newRule));
            }
            else
            {
                unchanged++;
            }
        }

        public PriceImportReport Build() => new([.. addedProviders], [.. added], [.. changed], unchanged, kept, [.. faults]);
    }
}
