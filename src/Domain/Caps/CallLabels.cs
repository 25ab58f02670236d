namespace LlmObserve.Domain.Caps;

/// <summary>
/// The canonical labels that decide which caps a call counts in. An empty string means that the call has no such label: it matches no cap
/// on that label.
/// </summary>
public readonly record struct CallLabels(string Provider, string Model, string Agent, string CustomerId);
