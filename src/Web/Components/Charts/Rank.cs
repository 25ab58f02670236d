using LlmObserve.Domain.Money;

namespace LlmObserve.Web.Components.Charts;

/// <summary>One line of a list by cost.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Cost">What it cost.</param>
/// <param name="Percentage">Of the whole.</param>
/// <param name="Href">Where more of it stands.</param>
public sealed record Rank(string Name, Usd Cost, decimal Percentage, string? Href);
