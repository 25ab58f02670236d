using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;

namespace LlmObserve.Web.Components.Sections;

/// <summary>A section with those below it.</summary>
/// <param name="Name">The last part of its path; empty where the path has nothing there.</param>
/// <param name="Path">From the root, as it was sent.</param>
/// <param name="Own">The calls of exactly this section; null where only those below it have calls.</param>
/// <param name="Cost">Its own and of all below it.</param>
/// <param name="Calls">As <paramref name="Cost"/>.</param>
/// <param name="Errors">As <paramref name="Cost"/>.</param>
/// <param name="Children">The dearest first.</param>
public sealed record SectionNode(
    string Name, string Path, FiguresAnswer? Own, Usd Cost, long Calls, long Errors, IReadOnlyList<SectionNode> Children);
