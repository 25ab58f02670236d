namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>What <see cref="IAccountGrain.WatchAsync"/> goes by.</summary>
public static class AccountWatch
{
    /// <summary>
    /// The most observers of one account. One for each process that answers HTTP is the rule, and clusters have tens; to tell so many takes an
    /// account about a millisecond of its turn.
    /// </summary>
    public const int MaxObservers = 1_024;

    /// <summary>An account that was made anew elsewhere knows its observers again after so long at most.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(30);

    /// <summary>Two renewals may be lost; a process that died is told so much longer.</summary>
    public static readonly TimeSpan Lifetime = 3 * RenewEvery;

    /// <summary>Between two messages to one observer: people see no more, and whoever fetches figures by them does so no more often.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
}
