namespace LlmObserve.Storage.Ledger;

/// <summary>The words in which metrics and spans say how an append or a commit ended.</summary>
internal static class LedgerOutcomes
{
    public const string Committed = "committed";

    /// <summary>The connection was lost under it: it may or may not have landed.</summary>
    public const string Unknown = "unknown";

    /// <summary>The database refused it; nothing was written.</summary>
    public const string Rejected = "rejected";

    /// <summary>It could not be sent: no connection, most likely.</summary>
    public const string NotSent = "not_sent";

    /// <summary>Too much was waiting already.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The process is stopping.</summary>
    public const string Closing = "closing";

    public const string Cancelled = "cancelled";

    public static string Of(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Committed => Committed,
        AppendOutcome.Fenced => "fenced",
        AppendOutcome.Rejected => Rejected,
        AppendOutcome.OutOfRange => "out_of_range",
        _ => Unknown,
    };
}
