using System.Text.Json.Serialization;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Runs;

namespace LlmObserve.Api.Runs;

/// <summary>One run of the user's program, with the figures of all its calls.</summary>
internal sealed record RunAnswer : FiguresAnswer
{
    public RunAnswer(RunSummary run)
        : base(run.Figures)
    {
        RunId = run.RunId;
        StartedAt = run.FirstAt;
        EndedAt = run.LastAt;
        Truncated = run.Cut;
    }

    public string RunId { get; }

    /// <summary>When its first call ended.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When its last call ended.</summary>
    public DateTimeOffset EndedAt { get; }

    /// <summary>It has more calls than a list sums: the figures cover the newest of them, and <c>/runs/{run_id}</c> more.</summary>
    public bool Truncated { get; }
}

/// <summary>One page of runs, the latest first.</summary>
/// <param name="Items">The runs.</param>
/// <param name="NextCursor">Send it as <c>cursor</c>, with the same filters, for the next page; null on the last. A page may be short and still have one.</param>
internal sealed record RunPageAnswer(IReadOnlyList<RunAnswer> Items, string? NextCursor);

/// <summary>The calls of a run under one section.</summary>
internal sealed record RunSectionAnswer : ShareAnswer
{
    public RunSectionAnswer(RunPart part, Usd all)
        : base(part.Figures, all) => Section = part.Name;

    public string Section { get; }
}

/// <summary>The calls of a run to one provider.</summary>
internal sealed record RunProviderAnswer : ShareAnswer
{
    public RunProviderAnswer(RunPart part, Usd all)
        : base(part.Figures, all) => Provider = part.Name;

    public string Provider { get; }
}

/// <summary>The calls of a run to one model.</summary>
internal sealed record RunModelAnswer : ShareAnswer
{
    public RunModelAnswer(RunPart part, Usd all)
        : base(part.Figures, all) => Model = part.Name.Length == 0 ? null : part.Name;

    /// <summary>Canonical; null for calls without a model.</summary>
    public string? Model { get; }
}

/// <summary>A whole run.</summary>
internal sealed record RunDetailAnswer : FiguresAnswer
{
    public RunDetailAnswer(RunDetail run)
        : base(run.Summary.Figures)
    {
        var all = run.Summary.Figures.Cost;
        RunId = run.Summary.RunId;
        StartedAt = run.Summary.FirstAt;
        EndedAt = run.Summary.LastAt;
        Truncated = run.Summary.Cut;
        BySection = [.. run.Sections.Select(part => new RunSectionAnswer(part, all))];
        ByProvider = [.. run.Providers.Select(part => new RunProviderAnswer(part, all))];
        ByModel = [.. run.Models.Select(part => new RunModelAnswer(part, all))];
        Events = RunTree.Build(run.Events);
        EventsTruncated = run.EventsCut;
    }

    public string RunId { get; }

    /// <summary>When its first call ended.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>When its last call ended.</summary>
    public DateTimeOffset EndedAt { get; }

    /// <summary>It has more calls than are summed: the figures cover the newest.</summary>
    public bool Truncated { get; }

    /// <summary>The dearest.</summary>
    public IReadOnlyList<RunSectionAnswer> BySection { get; }

    /// <summary>The dearest.</summary>
    public IReadOnlyList<RunProviderAnswer> ByProvider { get; }

    /// <summary>The dearest.</summary>
    public IReadOnlyList<RunModelAnswer> ByModel { get; }

    /// <summary>The roots of the tree of calls, oldest first.</summary>
    public IReadOnlyList<RunEventAnswer> Events { get; }

    /// <summary>It has more calls than <c>events</c> shows: those are the newest.</summary>
    public bool EventsTruncated { get; }
}

/// <summary>One call of a run, and those below it.</summary>
internal sealed record RunEventAnswer
{
    public RunEventAnswer(RunEvent call, IReadOnlyList<RunEventAnswer> children)
    {
        Id = call.Id;
        SpanId = call.SpanId;
        ParentSpanId = call.ParentSpanId;
        Section = call.Section;
        SectionPath = call.SectionPath;
        SpanType = call.SpanType;
        Provider = call.Provider;
        Endpoint = call.Endpoint;
        Model = call.Model.Length == 0 ? null : call.Model;
        ModelRaw = call.ModelRaw;
        CustomerId = call.CustomerId.Length == 0 ? null : call.CustomerId;
        InputTokens = call.InputTokens;
        OutputTokens = call.OutputTokens;
        CachedTokens = call.CachedTokens;
        CostUsd = call.Cost;
        LatencyMs = call.LatencyMs;
        Status = call.Status;
        IsError = call.IsError;
        Unpriced = call.Unpriced;
        SemanticLabel = call.SemanticLabel;
        OccurredAt = call.OccurredAt;
        HoldId = call.Hold?.Id;
        HoldOutcome = call.Hold?.Outcome?.ToWire();
        HeldUsd = call.Hold?.Held;
        OverrunUsd = call.Overrun;
        HoldLabelMismatch = call.Hold is { Outcome: not null } hold ? hold.LabelMismatch : null;
        Children = children;
    }

    public string Id { get; }

    public string SpanId { get; }

    /// <summary>As sent, also where no call of the run has that span id.</summary>
    public string? ParentSpanId { get; }

    public string Section { get; }

    public string SectionPath { get; }

    public string SpanType { get; }

    public string Provider { get; }

    public string Endpoint { get; }

    /// <summary>Canonical; null where it has none.</summary>
    public string? Model { get; }

    /// <summary>As the provider named it.</summary>
    public string? ModelRaw { get; }

    public string? CustomerId { get; }

    /// <summary>Without cached tokens.</summary>
    public long InputTokens { get; }

    public long OutputTokens { get; }

    public long CachedTokens { get; }

    /// <summary>US dollars.</summary>
    public Usd CostUsd { get; }

    public int LatencyMs { get; }

    public string Status { get; }

    public bool IsError { get; }

    /// <summary>No price is known for it: <c>cost_usd</c> is what the client said.</summary>
    public bool Unpriced { get; }

    public string? SemanticLabel { get; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset OccurredAt { get; }

    /// <summary>The hold that it names; left out, like what follows, where it names none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HoldId { get; }

    /// <summary><c>settled</c>; <c>late</c>, after the hold had expired or been released; <c>again</c>, after another event; or <c>unknown</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HoldOutcome { get; }

    /// <summary>US dollars; left out where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usd? HeldUsd { get; }

    /// <summary>US dollars that it cost above its hold; left out unless it is <c>settled</c> or <c>late</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usd? OverrunUsd { get; }

    /// <summary>It counts in other caps than its hold did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HoldLabelMismatch { get; }

    public IReadOnlyList<RunEventAnswer> Children { get; }
}

[JsonSerializable(typeof(RunPageAnswer))]
[JsonSerializable(typeof(RunDetailAnswer))]
internal sealed partial class RunsJson : JsonSerializerContext;
