using System.Collections.Immutable;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;

namespace LlmObserve.Storage.Runs;

/// <summary>Sums over the calls of a run or of a part of it.</summary>
public sealed record RunFigures
{
    public Usd Cost { get; init; }

    public long Calls { get; init; }

    public long Errors { get; init; }

    public long Unpriced { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CachedTokens { get; init; }

    /// <summary>The sum of the latencies, in milliseconds.</summary>
    public long LatencyMs { get; init; }

    /// <summary>Calls whose latency is known; the rest have none, not one of zero.</summary>
    public long Measured { get; init; }

    /// <summary>The median latency, exact; null where none is known.</summary>
    public int? P50Ms { get; init; }

    /// <summary>The latency that 95 of 100 calls do not exceed, exact; null where none is known.</summary>
    public int? P95Ms { get; init; }
}

/// <summary>One run in a list.</summary>
/// <param name="RunId">The client's name for it.</param>
/// <param name="FirstAt">When its first call ended.</param>
/// <param name="LastAt">When its last call ended.</param>
/// <param name="Figures">Of all its calls, whatever the list was narrowed by.</param>
/// <param name="Cut">It has more calls than are summed: the figures cover the newest.</param>
public sealed record RunSummary(string RunId, DateTimeOffset FirstAt, DateTimeOffset LastAt, RunFigures Figures, bool Cut);

/// <summary>A place in an account's ledger by time; <paramref name="Seq"/> tells apart what happened at once.</summary>
public readonly record struct RunPosition(DateTimeOffset At, long Seq);

/// <summary>Runs by their latest call.</summary>
/// <param name="Runs">One page.</param>
/// <param name="Next">Where to go on; null at the end. A page may be short, even empty, and still have one.</param>
public sealed record RunPage(ImmutableArray<RunSummary> Runs, RunPosition? Next);

/// <summary>The figures of one section, provider or model of a run.</summary>
public sealed record RunPart(string Name, RunFigures Figures);

/// <summary>One call of a run.</summary>
public sealed record RunEvent
{
    public required string Id { get; init; }

    public required string SpanId { get; init; }

    public required string? ParentSpanId { get; init; }

    public required string Section { get; init; }

    public required string SectionPath { get; init; }

    public required string SpanType { get; init; }

    public required string Provider { get; init; }

    public required string Endpoint { get; init; }

    /// <summary>Canonical; empty where it has none.</summary>
    public required string Model { get; init; }

    /// <summary>As the provider named it.</summary>
    public required string? ModelRaw { get; init; }

    /// <summary>Empty where it named none.</summary>
    public required string CustomerId { get; init; }

    public required long InputTokens { get; init; }

    public required long OutputTokens { get; init; }

    public required long CachedTokens { get; init; }

    public required Usd Cost { get; init; }

    public required int LatencyMs { get; init; }

    public required string Status { get; init; }

    public required bool IsError { get; init; }

    public required bool Unpriced { get; init; }

    public required string? SemanticLabel { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The hold that it names; null where it names none.</summary>
    public RunEventHold? Hold { get; init; }

    /// <summary>What it cost above its hold; null where it did not take the place of one, or nobody knows what was held.</summary>
    public Usd? Overrun => Hold is { Outcome: HoldOutcome.Settled or HoldOutcome.Late, Held: { } held } ? Usd.Max(Usd.Zero, Cost - held) : null;
}

/// <summary>What an event did to the hold that it names.</summary>
/// <param name="Id">As the event named it.</param>
/// <param name="Outcome">Null in events from before there were holds.</param>
/// <param name="Held">What was held; null where that is not known.</param>
/// <param name="LabelMismatch">The event counts in other caps than its hold did.</param>
public sealed record RunEventHold(string Id, HoldOutcome? Outcome, Usd? Held, bool LabelMismatch);

/// <summary>A whole run.</summary>
/// <param name="Summary">It, and all of its figures.</param>
/// <param name="Sections">The dearest.</param>
/// <param name="Providers">The dearest.</param>
/// <param name="Models">The dearest.</param>
/// <param name="Events">Its newest calls, oldest first.</param>
/// <param name="EventsCut">It has more calls than <paramref name="Events"/>.</param>
public sealed record RunDetail(
    RunSummary Summary,
    ImmutableArray<RunPart> Sections,
    ImmutableArray<RunPart> Providers,
    ImmutableArray<RunPart> Models,
    ImmutableArray<RunEvent> Events,
    bool EventsCut);
