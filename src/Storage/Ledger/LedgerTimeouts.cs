namespace LlmObserve.Storage.Ledger;

/// <summary>How long a commit may take.</summary>
internal sealed record LedgerTimeouts
{
    /// <summary>
    /// After this the server gives the statement up by itself, so that the outcome is known. A commit of the largest size takes a second on
    /// a small machine; ten of them behind a checkpoint are still far away from this.
    /// </summary>
    public int StatementSeconds { get; init; } = 30;

    /// <summary>
    /// A head is held by others for moments only: a change of a cap, a new epoch. What holds one longer, such as a change of zone, must not
    /// keep the other accounts of a commit waiting: after this the commit is tried account by account.
    /// </summary>
    public int LockSeconds { get; init; } = 5;

    /// <summary>Longer than the server's own time-outs: only a network that says nothing gets here, and then the outcome is unknown.</summary>
    public int CommandSeconds => StatementSeconds + 10;

    /// <summary>The server's part, as SQL.</summary>
    public string Settings => $"SET statement_timeout = '{StatementSeconds}s'; SET lock_timeout = '{LockSeconds}s'";
}
