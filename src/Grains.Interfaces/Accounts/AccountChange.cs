using Orleans;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>What kinds of things of an account have changed.</summary>
[Flags]
public enum AccountChanges
{
    None = 0,

    /// <summary>New events count in the totals.</summary>
    Events = 1,

    /// <summary>A cap was made, changed or removed.</summary>
    Caps = 2,

    /// <summary>A hold was granted or extended, or has ended.</summary>
    Holds = 4,

    /// <summary>Its name, its time zone or what its checks go by.</summary>
    Settings = 8,

    All = Events | Caps | Holds | Settings,
}

/// <summary>Where an account stands, and what has changed since an observer heard of it last.</summary>
/// <param name="Position">Up to where its ledger is counted.</param>
/// <param name="At">When the account stood so.</param>
/// <param name="Day">Spent today, in the account's time zone.</param>
/// <param name="Week">Spent this week.</param>
/// <param name="Month">Spent this month.</param>
/// <param name="Stale">The totals may lack what the ledger holds.</param>
/// <param name="What">What has changed; nothing where only <paramref name="Stale"/> has.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.account-change")]
public sealed record AccountChange(
    LedgerPosition Position, DateTimeOffset At, Spend Day, Spend Week, Spend Month, bool Stale, AccountChanges What);
