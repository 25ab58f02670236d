using System.Collections.Immutable;
using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Customers;
using Orleans;
using Orleans.Concurrency;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>
/// One account: the only writer of its ledger and the one place where its caps decide. The key is the account id
/// (<see cref="Domain.Accounts.AccountId.ToString"/>).
/// </summary>
/// <remarks>
/// Calls interleave; whatever must be one step is one synchronous section. A call throws
/// <see cref="AccountUnavailableException"/> where the account cannot be loaded because its database does not answer.
/// </remarks>
[Alias("llmobserve.account")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>Makes a batch durable and counts it. Returns only after every affected cap holds it.</summary>
    [Alias("record"), AlwaysInterleave]
    Task<RecordResult> RecordAsync(EventBatch batch);

    /// <summary>Whether a call with these labels may be made now. Answers from memory; holds nothing.</summary>
    [Alias("check"), AlwaysInterleave]
    Task<CapCheck> CheckAsync(CallLabels labels);

    /// <summary>The account's caps with their totals of the current period, oldest first.</summary>
    [Alias("caps"), AlwaysInterleave]
    Task<ImmutableArray<CapState>> GetCapsAsync();

    /// <summary>One cap of this account, or null.</summary>
    [Alias("cap"), AlwaysInterleave]
    Task<CapState?> GetCapAsync(CapId id);

    /// <summary>Adds a cap; it counts the whole current period from the ledger before this returns.</summary>
    [Alias("create-cap"), AlwaysInterleave]
    Task<CapAnswer> CreateCapAsync(Cap cap);

    /// <summary>Changes a cap of this account; <see cref="CapAnswerKind.NotFound"/> where it has none of that id.</summary>
    [Alias("change-cap"), AlwaysInterleave]
    Task<CapAnswer> ChangeCapAsync(CapId id, CapChange change);

    /// <summary>Removes a cap of this account; <see cref="CapAnswerKind.NotFound"/> where it has none of that id.</summary>
    [Alias("delete-cap"), AlwaysInterleave]
    Task<CapAnswer> DeleteCapAsync(CapId id);

    /// <summary>Name, time zone and policies.</summary>
    [Alias("settings"), AlwaysInterleave]
    Task<AccountSettings> GetSettingsAsync();

    /// <summary>
    /// Moves the account to another IANA time zone: the buckets of every open period are rebuilt from the events, in the account's own turn.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such zone.</exception>
    [Alias("change-time-zone"), AlwaysInterleave]
    Task<AccountSettings> ChangeTimeZoneAsync(string timeZone);

    /// <summary>What the account spent today, this week, this month and ever, and this month by provider, model and agent.</summary>
    [Alias("totals"), AlwaysInterleave]
    Task<AccountTotals> GetTotalsAsync();

    /// <summary>
    /// What one customer spent today, this week and this month, and this month by model. Ask here and not at the customer's grain, so that on a cluster
    /// it lives where its account does.
    /// </summary>
    [Alias("customer-totals"), AlwaysInterleave]
    Task<CustomerTotals> GetCustomerTotalsAsync(string customerId);

    /// <summary>
    /// Asks for the deltas of one customer from now on, until the account or the customer deactivates. Answers the epoch and the last
    /// sequence that touched the customer as far as this activation knows.
    /// </summary>
    [Alias("watch-customer"), AlwaysInterleave]
    Task<LedgerPosition> WatchCustomerAsync(string customerId);

    /// <summary>Ends <see cref="WatchCustomerAsync"/>.</summary>
    [Alias("unwatch-customer"), AlwaysInterleave]
    Task UnwatchCustomerAsync(string customerId);
}
