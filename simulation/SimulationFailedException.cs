namespace LlmObserve.Simulation;

/// <summary>A promise was broken; the message says which, and how.</summary>
internal sealed class SimulationFailedException(string message) : Exception(message);
