using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Events;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Stats;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Stats;

/// <summary>The calls of one section path.</summary>
internal sealed record SectionRowAnswer : ShareAnswer
{
    public SectionRowAnswer(StatsRow row, Usd all)
        : base(row.Figures, all) => SectionPath = row.Name;

    /// <summary>As events name it; … stands for paths without a row of their own.</summary>
    public string SectionPath { get; }
}

/// <summary>The section paths of a window, the dearest first.</summary>
/// <param name="Items">At most 1,000 with names of their own.</param>
/// <param name="Window">What the figures cover: whole days.</param>
/// <param name="Folded">Whether some calls are counted under … instead of their path.</param>
internal sealed record SectionsAnswer(IReadOnlyList<SectionRowAnswer> Items, WindowAnswer Window, bool Folded);

/// <summary>One section: the calls of its own path, and those of the sections below it.</summary>
internal sealed record SectionAnswer : FiguresAnswer
{
    public SectionAnswer(string path, StatsFigures own, ImmutableArray<StatsRow> children, StatsWindow window)
        : base(own)
    {
        SectionPath = path;
        CostWithChildren = own.Cost + Usd.Sum(children.Select(child => child.Figures.Cost));
        CallCountWithChildren = own.Calls + children.Sum(child => child.Figures.Calls);
        Children = [.. children.Select(child => new SectionRowAnswer(child, CostWithChildren))];
        Window = new WindowAnswer(window);
    }

    public string SectionPath { get; }

    /// <summary>US dollars: of the section and of all below it.</summary>
    public Usd CostWithChildren { get; }

    /// <summary>Calls of the section and of all below it.</summary>
    public long CallCountWithChildren { get; }

    /// <summary>The sections right below it, each with all below that, the dearest first; percentages are of cost_with_children.</summary>
    public IReadOnlyList<SectionRowAnswer> Children { get; }

    /// <summary>What the figures cover: whole days.</summary>
    public WindowAnswer Window { get; }
}

/// <summary>Reads sections.</summary>
internal sealed partial class StatsEndpoints
{
    public async Task<Results<Ok<SectionsAnswer>, Problem>> BySectionAsync(Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var faults = ImmutableArray.CreateBuilder<Fault>();
        if (!TryReadSections(context.Request.Query, now, faults, out var asked, out var problem))
        {
            return problem;
        }

        var query = new StatsQuery(caller.Account, RollupPlan.For(asked.Window, StatsKeys.Sections, await ZoneOfAsync(caller), now), asked.Filter);
        var rows = await store.ListSectionsAsync(query, context.RequestAborted);
        var all = Usd.Sum(rows.Select(row => row.Figures.Cost));
        return TypedResults.Ok(new SectionsAnswer(
            [.. rows.Select(row => new SectionRowAnswer(row, all))], new WindowAnswer(query.Plan.Window), rows.Any(row => row.Name == SectionPaths.Others)));
    }

    public async Task<Results<Ok<SectionAnswer>, Problem>> SectionAsync(string section, Caller caller, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var faults = ImmutableArray.CreateBuilder<Fault>();

        // In a path the server leaves escaped slashes as they are, and nothing else.
        var path = section.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        TextFaults.Check("section", path, EventLimits.MaxSectionPathLength, faults);
        if (!TryReadSections(context.Request.Query, now, faults, out var asked, out var problem))
        {
            return problem;
        }

        var query = new StatsQuery(caller.Account, RollupPlan.For(asked.Window, StatsKeys.Sections, await ZoneOfAsync(caller), now), asked.Filter);
        var rows = await store.GetSectionAsync(query, path, context.RequestAborted);
        return rows.IsEmpty
            ? Problems.NotFound("No calls of this section, or below it, are in the window.")
            : TypedResults.Ok(new SectionAnswer(
                path, rows.FirstOrDefault(row => row.Name.Length == 0)?.Figures ?? StatsFigures.None, [.. rows.Where(row => row.Name.Length > 0)], query.Plan.Window));
    }

    private bool TryReadSections(
        IQueryCollection query,
        DateTimeOffset now,
        ImmutableArray<Fault>.Builder faults,
        out (StatsWindow Window, StatsFilter Filter) asked,
        [NotNullWhen(false)] out Problem? problem)
    {
        asked = (StatsRequest.ReadWindow(query, now, faults), StatsRequest.ReadFilter(query, prices.Current, faults));
        if (StatsRequest.Text(query, "customer_id") is not null)
        {
            faults.Add(new Fault("customer_id", FaultCodes.Conflict, "Sections are not kept by customer: leave customer_id out."));
        }

        problem = faults.Count > 0 ? Problems.Invalid(faults.ToImmutable()) : null;
        return problem is null;
    }
}
