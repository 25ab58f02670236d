using BenchmarkDotNet.Attributes;
using LlmObserve.Domain.Caps;

namespace LlmObserve.Bench.Micro;

/// <summary>The caps that match a call: five of a thousand.</summary>
[MemoryDiagnoser]
public class CapBenchmarks
{
    private readonly CallLabels _labels = new("openai", "gpt-4o", "researcher", "customer-0000");

    private readonly CapIndex<CapScope> _index = CapIndex.Build(
        [
            new CapScope(CapType.Global, ""),
            new CapScope(CapType.Provider, "openai"),
            new CapScope(CapType.Model, "gpt-4o"),
            new CapScope(CapType.Agent, "researcher"),
            .. Enumerable.Range(0, 996).Select(customer => new CapScope(CapType.Customer, $"customer-{customer:0000}")),
        ],
        static scope => scope);

    [Benchmark]
    public int Match_FiveOfThousand_Walks()
    {
        var found = 0;
        foreach (var scope in _index.Match(_labels))
        {
            found += scope.Target.Length + 1;
        }

        return found;
    }
}
