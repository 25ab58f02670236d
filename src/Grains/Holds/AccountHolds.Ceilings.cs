using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Storage.Holds;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Grains.Holds;

/// <summary>
/// The durable ceilings: how much this activation may hold of each hard cap, and until when, raised ahead of need so that few holds wait for
/// the database. After a crash the ceiling counts as held until its time is over, so no hold that it covers is ever forgotten.
/// </summary>
internal sealed partial class AccountHolds
{
    /// <summary>A ceiling rises by at least a twentieth of its limit: what a crash may keep from callers for the time of a hold.</summary>
    private const int BlocksPerLimit = 20;

    /// <summary>A ceiling that goes further beyond what is held is brought down: a crash must not keep what was held at the busiest moment.</summary>
    private const int MaxBlocksBeyond = 2;

    /// <summary>A ceiling outlasts the holds that it was raised for by at most a tenth of their time, so that steady callers share a write.</summary>
    private const int TenthOfTime = 10;

    /// <summary>Ceilings in one write; a call matches tens of caps, and thousands of calls may wait together.</summary>
    private const int MaxCeilingsPerWrite = 10_000;

    /// <summary>How often ceilings are brought down to what is held: a crash then keeps little from callers, for few writes.</summary>
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(10);

    /// <summary>A ceiling that lasts longer than its holds by more than this is shortened.</summary>
    private static readonly TimeSpan MaxSlack = TimeSpan.FromSeconds(30);

    private readonly List<Demand> _demands = [];
    private Task _pump = Task.CompletedTask;
    private TimeSpan _nextTrim;

    /// <summary>Once a second or so: ends what has run out, and brings ceilings to what they should be.</summary>
    internal void Tick()
    {
        var now = Sweep();
        if (now.Passed < _nextTrim || !_pump.IsCompleted || !owner.IsOpen || owner.IsOpening || _leaving)
        {
            return;
        }

        _nextTrim = now.Passed + TrimEvery;
        var rows = Trimmed(now);
        if (rows.Count > 0)
        {
            _pump = PumpAsync(rows);
        }
    }

    /// <summary>Makes what is held of a cap durable, for one that can deny from now on.</summary>
    internal async Task<bool> CoverAsync(CapEntry entry)
    {
        for (var raises = 0; raises <= MaxRaises; raises++)
        {
            var now = Sweep();
            if (!entry.CanDeny || entry.Holds.IsCovered(proofs))
            {
                return true;
            }

            var latest = entry.Holds.LatestExpiry;
            if (await RaiseAsync(new Demand([entry], Usd.Zero, latest, latest - now.Wall)) is not null)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Asks for room under the ceilings of these caps; null once a write that had it in view has succeeded.</summary>
    private Task<HoldAnswer?> RaiseAsync(Demand demand)
    {
        if (!owner.IsOpen)
        {
            return Task.FromResult<HoldAnswer?>(HoldAnswer.Unavailable);
        }

        if (owner.IsOpening)
        {
            // Refused for sure; and opening waits for the pump, which must not find ever more to do.
            return Task.FromResult<HoldAnswer?>(HoldAnswer.SendAgain);
        }

        _demands.Add(demand);
        if (_pump.IsCompleted)
        {
            _pump = PumpAsync([]);
        }

        return demand.Done.Task;
    }

    private async Task PumpAsync(List<(CapEntry Entry, Usd Amount, DateTimeOffset Until)> trimmed)
    {
        if (trimmed.Count > 0)
        {
            await TryWriteAsync(() => trimmed);
        }

        // On a turn of its own: those who ask in the same moment share the write.
        await Task.Yield();
        while (_demands.Count > 0)
        {
            var demands = Take();
            var failed = await TryWriteAsync(() => Raised(demands));
            foreach (var demand in demands)
            {
                demand.Done.TrySetResult(failed);
            }
        }
    }

    private async Task<HoldAnswer?> TryWriteAsync(Func<List<(CapEntry Entry, Usd Amount, DateTimeOffset Until)>> rows)
    {
        try
        {
            return await WriteAsync(rows());
        }
        catch (Exception e)
        {
            // A boundary: nobody awaits the pump, and whoever waits in its queue must hear of whatever went wrong. Written or not: until
            // another write succeeds, the lesser of the two ceilings counts.
            metrics.CeilingsWritten("failed");
            LogCeilingFailed(log, e, account);
            return HoldAnswer.Unavailable;
        }
    }

    private List<Demand> Take()
    {
        var (count, ceilings) = (0, 0);
        while (count < _demands.Count && (count == 0 || ceilings + _demands[count].Caps.Count <= MaxCeilingsPerWrite))
        {
            ceilings += _demands[count++].Caps.Count;
        }

        var taken = _demands.GetRange(0, count);
        _demands.RemoveRange(0, count);
        return taken;
    }

    /// <summary>
    /// For each cap that is waited for: what is held, what waits and fits, and a block beyond, so that a crash never keeps the last room.
    /// </summary>
    private List<(CapEntry Entry, Usd Amount, DateTimeOffset Until)> Raised(List<Demand> demands)
    {
        Sweep();
        var wanted = new Dictionary<CapEntry, (Usd Amount, DateTimeOffset Until)>();
        foreach (var demand in demands)
        {
            var until = demand.Expiry + (demand.Time / TenthOfTime);
            foreach (var entry in demand.Caps)
            {
                var so = wanted.GetValueOrDefault(entry);
                wanted[entry] = (so.Amount + demand.Amount, until > so.Until ? until : so.Until);
            }
        }

        var rows = new List<(CapEntry, Usd, DateTimeOffset)>(wanted.Count);
        foreach (var (entry, want) in wanted)
        {
            var room = RoomOf(entry);
            var waiting = Usd.Min(want.Amount, room);
            var holds = entry.Holds;
            rows.Add((
                entry,
                holds.Held + waiting + BlockOf(entry, room - waiting),
                holds.LatestExpiry > want.Until ? holds.LatestExpiry : want.Until));
        }

        return rows;
    }

    private Usd RoomOf(CapEntry entry) => Usd.Max(Usd.Zero, owner.Memory.Caps.StandingOf(entry).Headroom);

    /// <summary>How far a ceiling goes beyond what is held: near the limit by no more than half of what is left.</summary>
    private static Usd BlockOf(CapEntry entry, Usd room) => Usd.Min(new Usd(entry.Cap.Limit.Nanos / BlocksPerLimit), new Usd(room.Nanos / 2));

    /// <summary>Ceilings that are higher or longer than what is held needs; where they are too low, as after a change of caps, they rise.</summary>
    private List<(CapEntry Entry, Usd Amount, DateTimeOffset Until)> Trimmed(HoldTime now)
    {
        foreach (var cap in _caps.Values)
        {
            cap.ForgetExpiry();
        }

        foreach (var hold in _book.Open)
        {
            foreach (var entry in CapsOf(hold))
            {
                entry.Holds.Reach(hold.Amount, hold.ExpiresAt);
            }
        }

        var rows = new List<(CapEntry, Usd, DateTimeOffset)>();
        foreach (var entry in owner.Memory.Caps.Entries)
        {
            var holds = entry.Holds;
            if (holds.Held == Usd.Zero)
            {
                if (holds.MayBeWritten && holds.LastGrant + TrimEvery <= now.Passed)
                {
                    rows.Add((entry, Usd.Zero, now.Wall));
                }
            }
            else if ((entry.CanDeny && !holds.IsCovered(proofs)) || IsTooHigh(entry) || IsTooLong(holds, now))
            {
                rows.Add((entry, holds.Held + BlockOf(entry, RoomOf(entry)), holds.LatestExpiry));
            }

            if (rows.Count == MaxCeilingsPerWrite)
            {
                break;
            }
        }

        return rows;
    }

    /// <summary>Only by more than a raise leaves above what is held, and as much again: calls come and go.</summary>
    private static bool IsTooHigh(CapEntry entry) =>
        entry.Holds.Ceiling - entry.Holds.Held > new Usd(entry.Cap.Limit.Nanos / BlocksPerLimit * MaxBlocksBeyond);

    private static bool IsTooLong(CapHolds holds, HoldTime now) =>
        holds.Until > holds.LatestExpiry + ((holds.LatestExpiry - now.Wall) / TenthOfTime) + MaxSlack;

    private async Task<HoldAnswer?> WriteAsync(List<(CapEntry Entry, Usd Amount, DateTimeOffset Until)> rows)
    {
        var epoch = owner.Epoch;
        var proof = proofs.Begin();
        foreach (var (entry, amount, until) in rows)
        {
            entry.Holds.WriteBegins(amount, until);
        }

        var written = await database.WriteCeilingsAsync(
            account,
            epoch,
            Activation,
            [.. rows.Select(row => new CapCeiling(row.Entry.Cap.Id, row.Amount, row.Until))],
            clock.GetUtcNow() - ClockTolerance,
            CancellationToken.None);
        if (!written)
        {
            metrics.CeilingsWritten("fenced");
            if (epoch == owner.Epoch && owner.IsOpen)
            {
                owner.TakenOver();
            }

            return HoldAnswer.SendAgain;
        }

        metrics.CeilingsWritten("written");
        proofs.Succeeded(proof);
        foreach (var (entry, amount, until) in rows)
        {
            entry.Holds.WriteSucceeded(amount, until);
        }

        return null;
    }

    [LoggerMessage(12, LogLevel.Warning, "Account {Account}: the ceilings of its holds could not be written; holds that need it are refused")]
    private static partial void LogCeilingFailed(ILogger logger, Exception error, AccountId account);

    /// <summary>Room that a request waits for.</summary>
    /// <param name="Caps">On all of these.</param>
    /// <param name="Amount">US dollars.</param>
    /// <param name="Expiry">Until then, by the wall clock.</param>
    /// <param name="Time">How long that is.</param>
    private sealed record Demand(List<CapEntry> Caps, Usd Amount, DateTimeOffset Expiry, TimeSpan Time)
    {
        /// <summary>Null once it is written, else how the request ends.</summary>
        public TaskCompletionSource<HoldAnswer?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
