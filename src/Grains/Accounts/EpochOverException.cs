namespace LlmObserve.Grains.Accounts;

/// <summary>Another activation holds the account now: nothing was written, and this one must go.</summary>
internal sealed class EpochOverException(string message) : Exception(message);
