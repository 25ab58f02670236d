using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Accounts;

/// <summary>What grains load of an account, in their own words.</summary>
internal sealed class AccountLoads(IAccountDatabase database)
{
    internal IAccountDatabase Database => database;

    /// <summary>
    /// Takes the account's next epoch, which waits for any statement of the one before, and loads all that it decides. Nobody else can
    /// commit under the new epoch, so the separate reads agree; where the epoch has been taken away meanwhile, it throws.
    /// </summary>
    internal async Task<(LedgerPosition Position, AccountMemory Memory)> OpenAsync(
        AccountId account,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        LedgerHead head;
        try
        {
            head = await database.TakeEpochAsync(account, cancellationToken);
        }
        catch (LedgerGoneException gone)
        {
            throw new EpochOverException(gone.Message);
        }

        var row = await database.GetAccountAsync(account, cancellationToken)
            ?? throw new InvalidOperationException($"there is no account {account}");
        var now = clock.GetUtcNow();
        var memory = new AccountMemory(
            new AccountSettings(row.Name, row.TimeZone, row.UnpricedPolicy, row.MaxHoldShare), AccountZone.Parse(row.TimeZone), clock, now);
        var zone = memory.Zone;
        var load = await database.LoadAccountAsync(account, Periods(zone, now), cancellationToken);
        if (load.Head.Epoch != head.Epoch || load.Head.LastSeq != head.LastSeq)
        {
            throw new EpochOverException($"epoch {head.Epoch} of account {account} was taken over while it loaded");
        }

        memory.Load(load, now);
        var definitions = await database.ListCapsAsync(account, cancellationToken);
        var totals = await LoadCapsAsync(account, definitions, zone, now, cancellationToken);
        for (var i = 0; i < definitions.Count; i++)
        {
            if (totals[i].Position != new LedgerPosition(head.Epoch, head.LastSeq))
            {
                throw new EpochOverException($"epoch {head.Epoch} of account {account} was taken over while it loaded its caps");
            }

            totals[i].ApplyTo(memory.Caps.Add(definitions[i], head.LastSeq), now);
        }

        // A week may begin before its month.
        var (month, week) = (zone.PeriodStart(CapPeriod.Monthly, now), zone.PeriodStart(CapPeriod.Weekly, now));
        foreach (var overrun in await database.LoadOverrunsAsync(account, week < month ? week : month, cancellationToken))
        {
            memory.Caps.Find(overrun.Cap)?.AddOverrun(overrun.PeriodStart, overrun.Amount);
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

        var (head, totals) = await database.LoadCapTotalsAsync(account, queries, cancellationToken);
        var exceeded = await database.ListExceededAsync(
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

    internal static CurrentPeriods Periods(AccountZone zone, DateTimeOffset now)
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
