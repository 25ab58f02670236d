using BenchmarkDotNet.Attributes;
using LlmObserve.Api.Events;
using LlmObserve.Bench.Running;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Prices;

namespace LlmObserve.Bench.Micro;

/// <summary>One event from its text to what the ledger keeps.</summary>
[MemoryDiagnoser]
public class ParseBenchmarks
{
    private static readonly DateTimeOffset s_receivedAt = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);

    private readonly EventFaults _faults = new();
    private readonly EventReader _reader;
    private readonly EventPricing _pricing;
    private readonly byte[] _text;

    public ParseBenchmarks()
    {
        _reader = new EventReader(new TextPool(), _faults, s_receivedAt);
        _pricing = new EventPricing(ShippedPriceBook.Load(), AccountPrices.None, _faults, s_receivedAt, discount: 1m);
        // A batch of one without its brackets.
        _text = new EventBodies(new Random(3)).Make(1, 1, oneCustomer: true)[0].ToArray()[1..^1];
    }

    [Benchmark]
    public int Read_SdkEvent_Parses()
    {
        var draft = default(EventDraft);
        _faults.Begin(0);
        _reader.Read(_text, ref draft);
        _faults.End(draft.Id);
        return draft.LatencyMs;
    }

    [Benchmark]
    public LedgerEvent? Read_SdkEvent_ParsesAndPrices()
    {
        var draft = default(EventDraft);
        _faults.Begin(0);
        _reader.Read(_text, ref draft);
        var priced = _pricing.Price(draft);
        _faults.End(draft.Id);
        return priced;
    }
}
