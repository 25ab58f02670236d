using LlmObserve.Domain.Money;

namespace LlmObserve.Web.Api;

/// <summary>A whole run.</summary>
public sealed record RunDetailAnswer : RunAnswer
{
    /// <summary>The dearest first.</summary>
    public IReadOnlyList<RunPartAnswer> BySection { get; init; } = [];

    public IReadOnlyList<RunPartAnswer> ByProvider { get; init; } = [];

    public IReadOnlyList<RunPartAnswer> ByModel { get; init; } = [];

    /// <summary>The roots of the tree of calls, oldest first.</summary>
    public IReadOnlyList<RunEventAnswer> Events { get; init; } = [];

    /// <summary>It has more calls than <see cref="Events"/> shows: those are the newest.</summary>
    public bool EventsTruncated { get; init; }
}

/// <summary>The calls of a run under one section, to one provider or to one model.</summary>
public sealed record RunPartAnswer : FiguresAnswer
{
    public string? Section { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }
}

/// <summary>One call of a run, and those below it.</summary>
public sealed record RunEventAnswer
{
    public required string Id { get; init; }

    public string SpanId { get; init; } = "";

    public string? ParentSpanId { get; init; }

    public string Section { get; init; } = "";

    public string SectionPath { get; init; } = "";

    public string SpanType { get; init; } = "";

    public string Provider { get; init; } = "";

    public string Endpoint { get; init; } = "";

    public string? Model { get; init; }

    /// <summary>As the provider named it.</summary>
    public string? ModelRaw { get; init; }

    public string? CustomerId { get; init; }

    /// <summary>Without cached tokens.</summary>
    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CachedTokens { get; init; }

    public Usd CostUsd { get; init; }

    /// <summary>0 where it is not known.</summary>
    public int LatencyMs { get; init; }

    public string Status { get; init; } = "";

    public bool IsError { get; init; }

    /// <summary>No price is known for it: the cost is what the client said.</summary>
    public bool Unpriced { get; init; }

    public string? SemanticLabel { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    public string? HoldId { get; init; }

    /// <summary><c>settled</c>, <c>late</c>, <c>again</c> or <c>unknown</c>.</summary>
    public string? HoldOutcome { get; init; }

    public Usd? HeldUsd { get; init; }

    public Usd? OverrunUsd { get; init; }

    public bool? HoldLabelMismatch { get; init; }

    public IReadOnlyList<RunEventAnswer> Children { get; init; } = [];

    public long Tokens => InputTokens + OutputTokens + CachedTokens;
}

/// <summary>The calls of one section path.</summary>
public sealed record SectionFigures : FiguresAnswer
{
    /// <summary><c>agent:researcher/tool:web_search</c>; empty where the calls named none.</summary>
    public string SectionPath { get; init; } = "";
}

/// <summary>Every section path of a window, the dearest first.</summary>
/// <param name="Items">A row for each; <c>…</c> stands for paths without a row of their own.</param>
/// <param name="Window">What the figures cover: whole days.</param>
/// <param name="Folded">Whether there is such a row.</param>
public sealed record SectionsAnswer(IReadOnlyList<SectionFigures> Items, WindowAnswer Window, bool Folded);
