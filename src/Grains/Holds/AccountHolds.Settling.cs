using System.Collections.Immutable;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Accounts;
using LlmObserve.Storage.Ledger;

namespace LlmObserve.Grains.Holds;

/// <summary>How events settle holds: in the step that counts their commit, each at most once.</summary>
internal sealed partial class AccountHolds
{
    /// <summary>Events are on their way to the ledger: the holds that they name stay until the outcome is known.</summary>
    internal void Arrive(ImmutableArray<LedgerEvent> events)
    {
        var isSwept = false;
        foreach (var ledgerEvent in events)
        {
            if (ledgerEvent.HoldId is null)
            {
                continue;
            }

            if (!isSwept)
            {
                Sweep();
                isSwept = true;
            }

            if (FindOpen(ledgerEvent.HoldId) is { } hold && (hold.InFlight == 0 || hold.SettlingEvent == ledgerEvent.Id))
            {
                hold.SettlingEvent = ledgerEvent.Id;
                hold.InFlight++;
            }
        }
    }

    /// <summary>Their outcome is known, whatever it is.</summary>
    internal void Depart(ImmutableArray<LedgerEvent> events)
    {
        foreach (var ledgerEvent in events)
        {
            if (ledgerEvent.HoldId is not null && FindOpen(ledgerEvent.HoldId) is { InFlight: > 0 } hold && hold.SettlingEvent == ledgerEvent.Id)
            {
                hold.InFlight--;
                if (hold is { InFlight: 0, IsGivenBack: true })
                {
                    End(hold, HoldStatus.Released, _clock.Now());
                }
            }
        }
    }

    /// <summary>Calls that cost nothing: what was held for them is free.</summary>
    internal void Release(ImmutableArray<HoldId> holds)
    {
        foreach (var id in holds)
        {
            Release(id);
        }
    }

    /// <summary>What an event will do to the hold that it names, for its row in the ledger; null where it names none.</summary>
    internal SettledHold? Note(LedgerEvent ledgerEvent, DateTimeOffset hour)
    {
        if (ledgerEvent.HoldId is null)
        {
            return null;
        }

        if (!HoldId.TryParse(ledgerEvent.HoldId, out var id) || !_book.TryFind(id, out var hold))
        {
            return new SettledHold(HoldOutcome.Unknown, null, LabelMismatch: false, []);
        }

        var outcome = hold.Status switch
        {
            HoldStatus.Open => hold.SettlingEvent == ledgerEvent.Id ? HoldOutcome.Settled : HoldOutcome.Again,
            HoldStatus.Settled => HoldOutcome.Again,
            _ => HoldOutcome.Late,
        };
        if (outcome == HoldOutcome.Again)
        {
            return new SettledHold(outcome, null, LabelMismatch: false, []);
        }

        var counted = owner.Memory.Caps.Match(ledgerEvent.Labels).ToArray();
        var mismatch = hold.Status == HoldStatus.Open
            && hold.Labels != ledgerEvent.Labels
            && !counted.ToHashSet().SetEquals(CapsOf(hold).ToArray());
        var overrun = ledgerEvent.Cost - hold.Amount;
        return new SettledHold(outcome, hold.Amount, mismatch, overrun <= Usd.Zero ? [] : [.. counted.Select(entry => ToOverrun(entry, hour, overrun))]);
    }

    /// <summary>Settles the hold of a row that the ledger holds now: in the same step in which its cost is counted.</summary>
    internal void Apply(in LedgerRow row, bool inserted)
    {
        if (row.Hold is not { } noted)
        {
            return;
        }

        // An id that was there already settles its hold where it came for it: then the reply of its first commit was lost.
        if (FindOpen(row.Event.HoldId!) is { } hold && (inserted || hold.SettlingEvent == row.Event.Id))
        {
            hold.SettlingEvent = row.Event.Id;
            End(hold, HoldStatus.Settled, _clock.Now());
        }

        if (inserted)
        {
            metrics.Settled(noted.Outcome, noted.LabelMismatch, noted.Held is { } held ? row.Event.Cost - held : Usd.Zero);
            foreach (var overrun in noted.Overruns)
            {
                owner.Memory.Caps.Find(overrun.Cap)?.AddOverrun(overrun.PeriodStart, overrun.Amount);
            }
        }
    }

    private Hold? FindOpen(string holdId) =>
        HoldId.TryParse(holdId, out var id) && _book.TryFind(id, out var hold) && hold.Status == HoldStatus.Open ? hold : null;

    private CapOverrun ToOverrun(CapEntry entry, DateTimeOffset hour, Usd amount) =>
        new(entry.Cap.Id, owner.Memory.Zone.PeriodStart(entry.Cap.Period, hour), amount);
}
