using System.Collections.Concurrent;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Prices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LlmObserve.Storage.Prices;

/// <summary>
/// The prices of their own of the accounts that this process prices calls for. An account's list is read once, when it is first needed; after that
/// one look for all accounts tells every <see cref="RefreshEvery"/> which have changed. A change that this process made is in effect at once.
/// </summary>
public sealed partial class AccountPriceLists(AccountPricesStore store, TimeProvider time, ILogger<AccountPriceLists> logger)
{
    /// <summary>How long a process may still price by the list before: each look is one query by an index, nearly always without rows.</summary>
    public static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(2);

    /// <summary>Accounts at hand, most without prices of their own: some 200 bytes each.</summary>
    internal const int MaxAccounts = 20_000;

    /// <summary>Prices at hand, in all lists together: some hundred megabytes where every one has every kind, a few where they have two.</summary>
    internal const int MaxPrices = 200_000;

    /// <summary>Lists that are read in one go; a thousand prices are some 100 KB.</summary>
    private const int MaxChangesARead = 100;

    private readonly ConcurrentDictionary<AccountId, KeptPrices> _kept = new();
    private long _prices;
    private long _seen;

    /// <summary>How many accounts are at hand.</summary>
    internal int Count => _kept.Count;

    /// <summary>What is changed from now on is looked for. Before it, every list there is counts as changed.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task StartAsync(CancellationToken cancellationToken) => _seen = await store.GetLastChangeAsync(cancellationToken);

    /// <summary>The account's prices by now. Take them once for a request, so that all its events are priced alike.</summary>
    /// <exception cref="NpgsqlException">They are not at hand, and the database cannot be reached.</exception>
    /// <exception cref="InvalidDataException">They cannot be read: a newer program wrote them.</exception>
    public ValueTask<AccountPrices> OfAsync(AccountId account, CancellationToken cancellationToken) =>
        _kept.TryGetValue(account, out var kept) && kept.Use() is { } list
            ? ValueTask.FromResult(list.Prices)
            : new ValueTask<AccountPrices>(LoadAsync(account, cancellationToken));

    /// <summary>This process has changed a list.</summary>
    public void Take(AccountId account, AccountPriceList list)
    {
        if (_kept.TryGetValue(account, out var kept))
        {
            Interlocked.Add(ref _prices, kept.Take(list));
        }
    }

    /// <summary>Takes over what other processes change until it is cancelled. While the database is away, the lists at hand stay.</summary>
    public async Task RefreshUntilCancelledAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RefreshEvery, time);
        var failing = false;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RefreshAsync(cancellationToken);
                failing = false;
            }
            catch (Exception failed) when (failed is NpgsqlException or TimeoutException)
            {
                // Said once, not at every look.
                if (!failing)
                {
                    LogFailed(failed);
                }

                failing = true;
            }
        }
    }

    /// <summary>Takes over what has changed since the last look.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ChangedPrices> changed;
        do
        {
            changed = await store.ListChangedAsync(_seen, MaxChangesARead, cancellationToken);
            foreach (var one in changed)
            {
                TakeIfKept(one);

                _seen = one.Change;
            }
        }
        while (changed.Count == MaxChangesARead);
    }

    private void TakeIfKept(ChangedPrices changed)
    {
        try
        {
            if (_kept.ContainsKey(changed.Account))
            {
                Take(changed.Account, changed.Read());
            }
        }
        catch (InvalidDataException unreadable)
        {
            LogUnreadable(changed.Account, changed.Version, unreadable);
        }
    }

    private async Task<AccountPrices> LoadAsync(AccountId account, CancellationToken cancellationToken)
    {
        // At hand before it is read: a change from now on finds it.
        var kept = _kept.GetOrAdd(account, static _ => new KeptPrices());
        var list = await kept.LoadAsync(
            async () =>
            {
                var read = await store.GetAsync(account, CancellationToken.None);
                Interlocked.Add(ref _prices, kept.Take(read));
            }).WaitAsync(cancellationToken);
        MakeRoom();
        return list.Prices;
    }

    /// <summary>Lets go of those that nobody asked for since the last time, and of any where that is not enough.</summary>
    private void MakeRoom()
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var (account, kept) in _kept)
            {
                if (_kept.Count <= MaxAccounts && Interlocked.Read(ref _prices) <= MaxPrices)
                {
                    return;
                }

                if (!kept.WasUsed() && _kept.TryRemove(KeyValuePair.Create(account, kept)))
                {
                    Interlocked.Add(ref _prices, -kept.Retire());
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "No changes of accounts' prices can be read; those at hand stay in effect")]
    private partial void LogFailed(Exception failed);

    [LoggerMessage(LogLevel.Warning, "Version {Version} of the prices of account {Account} cannot be read; the one before stays in effect")]
    private partial void LogUnreadable(AccountId account, int version, Exception unreadable);
}

/// <summary>The list of one account, at hand.</summary>
internal sealed class KeptPrices
{
    private readonly Lock _gate = new();
    private AccountPriceList? _list;
    private Task? _loading;
    private bool _used = true;
    private bool _retired;

    /// <summary>The list; null before it is loaded.</summary>
    public AccountPriceList? Use()
    {
        Volatile.Write(ref _used, true);
        return Volatile.Read(ref _list);
    }

    /// <summary>Whether it was used since the last time that this was asked.</summary>
    public bool WasUsed() => Interlocked.Exchange(ref _used, false);

    /// <summary>Keeps a list unless it has a newer one; says by how many prices it has grown.</summary>
    public long Take(AccountPriceList list)
    {
        lock (_gate)
        {
            if (_list is { } mine && mine.Version >= list.Version)
            {
                return 0;
            }

            var grown = list.Prices.Prices.Length - (_list?.Prices.Prices.Length ?? 0);
            Volatile.Write(ref _list, list);
            return _retired ? 0 : grown;
        }
    }

    /// <summary>It is let go of; says how many prices with it.</summary>
    public long Retire()
    {
        lock (_gate)
        {
            _retired = true;
            return _list?.Prices.Prices.Length ?? 0;
        }
    }

    /// <summary>Loads once for all who ask meanwhile; anew where it failed.</summary>
    public async Task<AccountPriceList> LoadAsync(Func<Task> load)
    {
        Task loading;
        lock (_gate)
        {
            if (_loading is null || _loading.IsFaulted || _loading.IsCanceled)
            {
                _loading = load();
            }

            loading = _loading;
        }

        await loading;
        return _list!;
    }
}
