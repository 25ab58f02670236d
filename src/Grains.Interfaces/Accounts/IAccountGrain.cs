using System.Collections.Immutable;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Customers;
using LlmObserve.Grains.Interfaces.Holds;
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

    /// <summary>
    /// Whether a call with these labels may be made now. Answers from memory; holds nothing. What others hold counts as held.
    /// </summary>
    /// <param name="labels">The call's canonical labels.</param>
    /// <param name="unpriced">The price book does not know the call's model: the account's policy decides.</param>
    [Alias("check"), AlwaysInterleave]
    Task<CapCheck> CheckAsync(CallLabels labels, bool unpriced);

    /// <summary>
    /// Decides a call and sets its amount aside on every hard cap that matches, or on none. Needs the database only where a durable ceiling
    /// must rise. The same request made again gets the same hold.
    /// </summary>
    [Alias("hold"), AlwaysInterleave]
    Task<HoldAnswer> HoldAsync(HoldRequest request);

    /// <summary>
    /// Keeps a hold for <paramref name="time"/> from now, never shorter than it was and not beyond <see cref="HoldLimits.MaxLife"/> from its grant.
    /// </summary>
    [Alias("extend-hold"), AlwaysInterleave]
    Task<HoldAnswer> ExtendHoldAsync(HoldId id, TimeSpan time);

    /// <summary>Gives a hold's amount back; once it has ended, only says how.</summary>
    [Alias("release-hold"), AlwaysInterleave]
    Task<HoldAnswer> ReleaseHoldAsync(HoldId id);

    /// <summary>A hold of this account, open or ended lately; null where there is none.</summary>
    [Alias("hold-state"), AlwaysInterleave]
    Task<HoldState?> GetHoldAsync(HoldId id);

    /// <summary>At most <paramref name="limit"/> open holds, those that expire first first, after the one of that expiry and id where given.</summary>
    [Alias("holds"), AlwaysInterleave]
    Task<HoldPage> GetHoldsAsync(int limit, DateTimeOffset? afterExpiry, HoldId afterId);

    /// <summary>The account's caps with their totals of the current period, oldest first.</summary>
    [Alias("caps"), AlwaysInterleave]
    Task<ImmutableArray<CapState>> GetCapsAsync();

    /// <summary>One cap of this account, or null.</summary>
    [Alias("cap"), AlwaysInterleave]
    Task<CapState?> GetCapAsync(CapId id);

    /// <summary>Adds a cap; it counts the whole current period from the ledger before this returns. The audit log names <paramref name="by"/>.</summary>
    [Alias("create-cap"), AlwaysInterleave]
    Task<CapAnswer> CreateCapAsync(Cap cap, Actor? by = null);

    /// <summary>Changes a cap of this account; <see cref="CapAnswerKind.NotFound"/> where it has none of that id.</summary>
    [Alias("change-cap"), AlwaysInterleave]
    Task<CapAnswer> ChangeCapAsync(CapId id, CapChange change, Actor? by = null);

    /// <summary>Removes a cap of this account; <see cref="CapAnswerKind.NotFound"/> where it has none of that id.</summary>
    [Alias("delete-cap"), AlwaysInterleave]
    Task<CapAnswer> DeleteCapAsync(CapId id, Actor? by = null);

    /// <summary>Name, time zone and policies.</summary>
    [Alias("settings"), AlwaysInterleave]
    Task<AccountSettings> GetSettingsAsync();

    /// <summary>Reads the account's name anew: after a change to it.</summary>
    [Alias("refresh-settings"), AlwaysInterleave]
    Task<AccountSettings> RefreshSettingsAsync();

    /// <summary>Changes what the account's checks go by; null leaves a value as it is.</summary>
    /// <param name="unpricedPolicy"><c>allow</c> or <c>deny</c>.</param>
    /// <param name="maxHoldShare">Above 0, at most 1.</param>
    /// <param name="by">For the audit log; null for the server itself.</param>
    [Alias("change-check-settings"), AlwaysInterleave]
    Task<AccountSettings> ChangeCheckSettingsAsync(string? unpricedPolicy, decimal? maxHoldShare, Actor? by = null);

    /// <summary>
    /// Moves the account to another IANA time zone: the buckets of every open period are rebuilt from the events, in the account's own turn.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such zone.</exception>
    [Alias("change-time-zone"), AlwaysInterleave]
    Task<AccountSettings> ChangeTimeZoneAsync(string timeZone, Actor? by = null);

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

    /// <summary>
    /// Tells an observer of every change from now on: the first after a quiet second at once, then at most one a second. No ack waits for it. The
    /// watch ends by itself after <see cref="AccountWatch.Lifetime"/>: watch again every <see cref="AccountWatch.RenewEvery"/>.
    /// </summary>
    /// <returns>
    /// Where the account stands. Of an observer that this activation did not know <see cref="AccountChange.What"/> is everything, because it may have
    /// missed anything; of one that it knew, nothing. Null where <see cref="AccountWatch.MaxObservers"/> watch already.
    /// </returns>
    [Alias("watch"), AlwaysInterleave]
    Task<AccountChange?> WatchAsync(IAccountObserver observer);

    /// <summary>Ends <see cref="WatchAsync"/>; nothing where the observer does not watch.</summary>
    [Alias("unwatch"), AlwaysInterleave]
    Task UnwatchAsync(IAccountObserver observer);
}
