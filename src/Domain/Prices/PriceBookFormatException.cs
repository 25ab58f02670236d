using System.Collections.Immutable;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Prices;

/// <summary>A text that should be a price book is none; <see cref="Faults"/> names everything that is wrong with it.</summary>
public sealed class PriceBookFormatException(ImmutableArray<Fault> faults)
    : FormatException($"not a price book: {string.Join("; ", faults.Take(5).Select(fault => $"{fault.Path}: {fault.Detail}"))}")
{
    public ImmutableArray<Fault> Faults { get; } = faults;
}
