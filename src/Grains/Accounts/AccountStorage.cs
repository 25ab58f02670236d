using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Caps;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>What the account and cap grains ask of the database, in the words of the grains.</summary>
internal sealed class AccountStorage(
    LedgerStore ledger,
    LedgerWriter writer,
    LedgerBuckets buckets,
    AccountsStore accounts,
    CapsStore caps,
    AlertsStore alerts)
{
    internal LedgerWriter Writer => writer;

    internal CapsStore Caps => caps;

    internal AlertsStore Alerts => alerts;

    /// <summary>
    /// Takes the account's next epoch, which waits for any statement of the one before, and loads all that it decides. Nobody else can
    /// commit under the new epoch, so the separate reads agree; where the epoch has been taken away meanwhile, it throws.
    /// </summary>
    internal async Task<(LedgerPosition Position, AccountMemory Memory)> OpenAsync(
        AccountId account,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var head = await ledger.TakeEpochAsync(account, cancellationToken);
        var row = await accounts.GetAsync(account, cancellationToken)
            ?? throw new InvalidOperationException($"there is no account {account}");
        var memory = new AccountMemory(new AccountSettings(row.Name, row.TimeZone, row.UnpricedPolicy), AccountZone.Parse(row.TimeZone), clock);
        var now = clock.GetUtcNow();
        var zone = memory.Zone;
        var load = await ledger.LoadAccountAsync(account, Periods(zone, now), cancellationToken);
        if (load.Head.Epoch != head.Epoch || load.Head.LastSeq != head.LastSeq)
        {
            throw new EpochOverException($"epoch {head.Epoch} of account {account} was taken over while it loaded");
        }

        memory.Load(load, now);
        var definitions = await caps.ListAsync(account, cancellationToken);
        var totals = await LoadCapsAsync(account, definitions, zone, now, cancellationToken);
        for (var i = 0; i < definitions.Count; i++)
        {
            totals[i].ApplyTo(memory.Caps.Add(definitions[i], head.LastSeq), now);
        }

        return (new LedgerPosition(head.Epoch, head.LastSeq), memory);
    }

    /// <summary>What the ledger holds for each cap in the running period and after it, and when the limit was reached.</summary>
    internal async Task<IReadOnlyList<CapLoad>> LoadCapsAsync(
        AccountId account,
        IReadOnlyList<Cap> definitions,
        AccountZone zone,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var queries = new List<CapTotalQuery>(definitions.Count * 2);
        foreach (var cap in definitions)
        {
            var end = zone.PeriodEnd(cap.Period, now);
            queries.Add(new CapTotalQuery(cap.Scope, zone.PeriodStart(cap.Period, now), end));
            queries.Add(new CapTotalQuery(cap.Scope, end, null));
        }

        var (head, totals) = await ledger.LoadCapTotalsAsync(account, queries, cancellationToken);
        var exceeded = await alerts.ListExceededAsync(
            account, definitions.Count == 1 ? definitions[0].Id : null, now, cancellationToken);
        var loads = new CapLoad[definitions.Count];
        for (var i = 0; i < loads.Length; i++)
        {
            var start = queries[i * 2].From;
            loads[i] = new CapLoad(
                new LedgerPosition(head.Epoch, head.LastSeq),
                start,
                totals[i * 2],
                queries[(i * 2) + 1].From,
                totals[(i * 2) + 1],
                exceeded.TryGetValue((definitions[i].Id, start), out var at) ? at : null);
        }

        return loads;
    }

    /// <summary>The account's time zone.</summary>
    internal async Task<AccountZone> GetZoneAsync(AccountId account, CancellationToken cancellationToken)
    {
        var row = await accounts.GetAsync(account, cancellationToken) ?? throw new InvalidOperationException($"there is no account {account}");
        return AccountZone.Parse(row.TimeZone);
    }

    /// <summary>One customer's totals, in one snapshot with the ledger's head.</summary>
    internal Task<LoadedCustomer> LoadCustomerAsync(
        AccountId account,
        string customerId,
        AccountZone zone,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        ledger.LoadCustomerAsync(account, customerId, Periods(zone, now), cancellationToken);

    /// <summary>Moves the account to another zone and rebuilds the buckets of every open period; throws where the position is over.</summary>
    internal async Task ChangeZoneAsync(
        AccountId account,
        LedgerPosition position,
        AccountZone from,
        AccountZone to,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (!await buckets.ChangeZoneAsync(account, position.Epoch, position.Seq, from, to, now, cancellationToken))
        {
            throw new EpochOverException($"epoch {position.Epoch} of account {account} is over: its zone was not changed");
        }
    }

    private static CurrentPeriods Periods(AccountZone zone, DateTimeOffset now)
    {
        return new CurrentPeriods(Range(CapPeriod.Daily), Range(CapPeriod.Weekly), Range(CapPeriod.Monthly));

        TimeRange Range(CapPeriod period) => new(zone.PeriodStart(period, now), zone.PeriodEnd(period, now));
    }
}

/// <summary>A cap's totals as read in one snapshot with the ledger's head.</summary>
internal sealed record CapLoad(
    LedgerPosition Position,
    DateTimeOffset PeriodStart,
    Usd Spent,
    DateTimeOffset NextStart,
    Usd SpentAhead,
    DateTimeOffset? ExceededAt)
{
    internal void ApplyTo(CapEntry entry, DateTimeOffset now)
    {
        entry.Load(PeriodStart, Spent);
        if (SpentAhead != Usd.Zero)
        {
            entry.LoadAhead(NextStart, SpentAhead);
        }

        if (Spent >= entry.Cap.Limit)
        {
            entry.NoteExceeded(PeriodStart, ExceededAt ?? now);
        }
    }
}
