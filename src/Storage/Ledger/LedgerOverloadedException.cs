namespace LlmObserve.Storage.Ledger;

/// <summary>More is waiting to be written than fits into memory; nothing of this batch was written. Try again later.</summary>
public sealed class LedgerOverloadedException : Exception
{
    public LedgerOverloadedException()
        : this("The ledger's queue is full: the database is slower than what comes in.")
    {
    }

    public LedgerOverloadedException(string message)
        : base(message)
    {
    }

    public LedgerOverloadedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
