using Orleans;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>Hears of an account's changes while it watches: see <see cref="IAccountGrain.WatchAsync"/>.</summary>
[Alias("llmobserve.account-observer")]
public interface IAccountObserver : IGrainObserver
{
    /// <summary>
    /// Something has changed. Called for one change at a time, at most once a second; what changes meanwhile comes with the next call. An
    /// observer that throws, or that does not return in time, is told nothing more until it watches again.
    /// </summary>
    [Alias("changed")]
    Task ChangedAsync(AccountChange change);
}
