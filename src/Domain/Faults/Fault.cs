namespace LlmObserve.Domain.Faults;

/// <summary>
/// One thing that is wrong with an input. Validation collects every fault of an input before it answers, never only the first.
/// </summary>
/// <param name="Path">Where, in the words of the wire: <c>limit_amount</c>, <c>usage.input_tokens</c>; empty for the input as a whole.</param>
/// <param name="Code">Stable and kebab-case, from <see cref="FaultCodes"/>: programs may switch on it.</param>
/// <param name="Detail">One English sentence for people. It never repeats more than a short excerpt of the input.</param>
public sealed record Fault(string Path, string Code, string Detail);
