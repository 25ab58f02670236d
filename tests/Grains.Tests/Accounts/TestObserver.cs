using LlmObserve.Domain.Accounts;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Testing;

namespace LlmObserve.Grains.Tests.Accounts;

/// <summary>Watches an account in a test, and keeps all that it hears.</summary>
internal sealed class TestObserver(GrainHost host) : IAccountObserver
{
    private readonly Changes _heard = new();
    private readonly List<AccountChange> _all = [];
    private IAccountObserver? _reference;

    /// <summary>Messages do not return before it.</summary>
    public Task Returns { get; set; } = Task.CompletedTask;

    /// <summary>What it watches.</summary>
    public AccountId Account { get; private set; }

    public IReadOnlyList<AccountChange> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>Watches, or renews the watch.</summary>
    public Task<AccountChange?> WatchAsync(AccountId account)
    {
        Account = account;
        return host.Account(account).WatchAsync(_reference ??= host.Grains.CreateObjectReference<IAccountObserver>(this));
    }

    public Task UnwatchAsync(AccountId account) => host.Account(account).UnwatchAsync(_reference!);

    /// <summary>What it heard, once that is so many messages.</summary>
    public async Task<IReadOnlyList<AccountChange>> HasHeardAsync(int count)
    {
        await _heard.UntilAsync(() => All.Count >= count, () => $"{count} messages, of which {All.Count} came");
        return All;
    }

    public Task ChangedAsync(AccountChange change)
    {
        lock (_all)
        {
            _all.Add(change);
        }

        _heard.Tell();
        return Returns;
    }
}
