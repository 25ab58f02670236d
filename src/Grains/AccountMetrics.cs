using LlmObserve.Grains.Holds;

namespace LlmObserve.Grains;

/// <summary>What an account measures.</summary>
internal sealed record AccountMetrics(GrainMetrics Grains, HoldMetrics Holds);
