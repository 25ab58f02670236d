namespace LlmObserve.Silo;

/// <summary>The server cannot start; the message is a sentence for the person at the terminal.</summary>
public sealed class StartFailedException(string message, Exception? inner = null) : Exception(message, inner);
