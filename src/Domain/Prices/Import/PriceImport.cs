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
            + (Faults.Length == 1 ? "1 fault" : $"{Faults.Length} faults"));
    }

    /// <summary>Gathers a report while the merge goes on.</summary>
    internal sealed class Builder(List<Fault> faults)
    {
        private readonly List<string> _addedProviders = [];
        private readonly List<PriceEntry> _added = [];
        private readonly List<PriceChange> _changed = [];
        private int _unchanged;
        private int _kept;

        public void Fault(string path, string code, string detail) => faults.Add(new Fault(path, code, detail));

        public void Keep(int count) => _kept += count;

        public void Note(PriceProvider? before, PriceProvider after)
        {
            if (before is null)
            {
                _addedProviders.Add(after.Id);
            }
            else
            {
                Differ(after.Id, "provider", PriceBookJson.Line(before), PriceBookJson.Line(after));
            }
        }

        /// <summary>A later day or another address alone is no change.</summary>
        public void Note(PriceEntry? before, PriceEntry after)
        {
            if (before is null)
            {
                _added.Add(after);
            }
            else if (!(Differ(after.Id, "prices", PriceBookJson.Prices(before), PriceBookJson.Prices(after))
                | Differ(after.Id, "rule", PriceBookJson.Rule(before), PriceBookJson.Rule(after))))
            {
                _unchanged++;
            }
        }

        public PriceImportReport Build() => new([.. _addedProviders], [.. _added], [.. _changed], _unchanged, _kept, [.. faults]);

        private bool Differ(string id, string what, string before, string after)
        {
            if (before != after)
            {
                _changed.Add(new PriceChange(id, what, before, after));
            }

            return before != after;
        }
    }
}
