namespace LlmObserve.Storage.Postgres;

/// <summary>The private PostgreSQL cannot be had; the message is a sentence for the person at the terminal.</summary>
public sealed class PrivatePostgresException : Exception
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
