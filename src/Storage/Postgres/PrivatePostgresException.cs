namespace LlmObserve.Storage.Postgres;

/// <summary>The private PostgreSQL cannot be had; the message is a sentence for the person at the terminal.</summary>
public class PrivatePostgresException : Exception
{
    /// <summary>Without a cause in code.</summary>
    public PrivatePostgresException(string message)
        : base(message)
    {
    }

    /// <summary>With the failure that led here.</summary>
    public PrivatePostgresException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>Another process runs on the same data directory.</summary>
/// <param name="message">Says which.</param>
/// <param name="inner">How the lock was refused.</param>
public sealed class DataDirectoryInUseException(string message, Exception inner) : PrivatePostgresException(message, inner);
