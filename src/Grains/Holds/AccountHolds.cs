using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Grains.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Grains.Interfaces.Holds;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Grains.Holds;

/// <summary>
/// Grants, keeps and ends the holds of one account. Lives inside the account's activation and runs on its scheduler only. Deciding and
/// holding is one synchronous section over all caps, so a hold is on every matching cap or on none, and nobody ever sees half of one.
/// </summary>
internal sealed partial class AccountHolds(
    AccountId account,
    IAccountDatabase database,
    TimeProvider clock,
    Proofs proofs,
    AccountHolds.IOwner owner,
    HoldMetrics metrics,
    ILogger log)
{
    /// <summary>
    /// How often one request waits for a ceiling. Each write covers all that waits and fits, so once is the rule; more only where others
    /// take the room meanwhile.
    /// </summary>
    private const int MaxRaises = 8;

    private readonly HoldBook _book = new();
    private readonly HoldClock _clock = new(clock);
    private readonly RetryHints _hints = new();
    private Dictionary<CapId, CapHolds> _caps = [];
    private bool _leaving;

    /// <summary>What the holds need from the account that they are of.</summary>
    internal interface IOwner
    {
        AccountMemory Memory { get; }

        /// <summary>Whether the ledger is open: without it no ceiling rises.</summary>
        bool IsOpen { get; }

        /// <summary>Whether it opens anew: then no ceiling rises until that is done, because the epoch that is known here is over.</summary>
        bool IsOpening { get; }

        long Epoch { get; }

        /// <summary>Another activation has taken over.</summary>
        void TakenOver();

        /// <summary>From now on there is something to <see cref="Tick"/> for.</summary>
        void Busy();

        /// <summary>A hold was granted or extended, or has ended.</summary>
        void Changed();
    }

    /// <summary>Whether this activation should stay in memory: what it holds, or may hold in the database, is not written down elsewhere.</summary>
    internal bool IsBusy => _book.Open.Count > 0 || _caps.Values.Any(static cap => cap.MayBeWritten);

    internal IReadOnlyCollection<Hold> Open => _book.Open;

    /// <summary>Whether a call may be made, with what others hold counted as held.</summary>
    internal CapCheck Check(in CallLabels labels, bool unpriced)
    {
        Sweep();
        return ToCheck(Decide(labels, Usd.Zero, unpriced));
    }

    internal async Task<HoldAnswer> HoldAsync(HoldRequest request)
    {
        if (request.Amount < Usd.Zero || request.Amount > HoldLimits.MaxAmount || request.Time <= TimeSpan.Zero || request.Time > HoldLimits.MaxTime)
        {
            throw new ArgumentException($"a hold of {request.Amount} USD for {request.Time} is out of bounds", nameof(request));
        }

        for (var raises = 0; !_leaving && raises <= MaxRaises; raises++)
        {
            // From here to the grant there is no await: what is decided is what is held.
            var now = Sweep();
            if (Repeated(request) is { } repeated)
            {
                return repeated;
            }

            var decision = Decide(request.Labels, request.Amount, request.Unpriced);
            if (!decision.Allowed)
            {
                return new HoldAnswer(HoldAnswerKind.Denied, ToCheck(decision), null);
            }

            if (request.DryRun)
            {
                return new HoldAnswer(HoldAnswerKind.Granted, ToCheck(decision), null);
            }

            if (_book.Open.Count >= HoldLimits.MaxOpen)
            {
                return HoldAnswer.TooMany;
            }

            var hard = Hard(request.Labels);
            if (request.Amount == Usd.Zero || hard.TrueForAll(entry =>
                entry.Holds.Covers(request.Amount, now.Wall + request.Time, owner.Memory.Caps.StandingOf(entry).Headroom, proofs)))
            {
                return new HoldAnswer(HoldAnswerKind.Granted, ToCheck(decision), Grant(request, now).ToState());
            }

            if (await RaiseAsync(new Demand(hard, request.Amount, now.Wall + request.Time, request.Time)) is { } failed)
            {
                return failed;
            }
        }

        return HoldAnswer.SendAgain;
    }

    internal async Task<HoldAnswer> ExtendAsync(HoldId id, TimeSpan time)
    {
        for (var raises = 0; !_leaving && raises <= MaxRaises; raises++)
        {
            var now = Sweep();
            if (!_book.TryFind(id, out var hold))
            {
                return HoldAnswer.NotFound;
            }

            if (hold.Status != HoldStatus.Open)
            {
                return new HoldAnswer(HoldAnswerKind.Ended, ToCheck(CapDecision.Allow), hold.ToState());
            }

            var most = hold.Granted + HoldLimits.MaxLife - now.Passed;
            var more = time < most ? time : most;
            var expiresAt = now.Wall + more > hold.ExpiresAt ? now.Wall + more : hold.ExpiresAt;
            var deadline = now.Passed + more > hold.Deadline ? now.Passed + more : hold.Deadline;
            var hard = Hard(hold.Labels);
            if (expiresAt == hold.ExpiresAt || hold.Amount == Usd.Zero || hard.TrueForAll(cap => cap.Holds.Covers(Usd.Zero, expiresAt, proofs)))
            {
                _book.Extend(hold, expiresAt, deadline);
                foreach (var entry in CapsOf(hold))
                {
                    entry.Holds.Reach(hold.Amount, expiresAt);
                }

                owner.Changed();
                return new HoldAnswer(HoldAnswerKind.Granted, ToCheck(CapDecision.Allow), hold.ToState());
            }

            if (await RaiseAsync(new Demand(hard, Usd.Zero, expiresAt, more)) is { } failed)
            {
                return failed;
            }
        }

        return HoldAnswer.SendAgain;
    }

    /// <summary>
    /// Gives a hold back; one that has ended stays as it is. Where its event is on its way to the ledger it stays open until the outcome is
    /// known: that call was made, and nobody else may have its room before its cost counts.
    /// </summary>
    internal HoldAnswer Release(HoldId id)
    {
        var now = Sweep();
        if (!_book.TryFind(id, out var hold))
        {
            return HoldAnswer.NotFound;
        }

        if (hold.InFlight > 0)
        {
            hold.IsGivenBack = true;
        }
        else if (hold.Status == HoldStatus.Open)
        {
            End(hold, HoldStatus.Released, now);
        }

        return new HoldAnswer(HoldAnswerKind.Granted, ToCheck(CapDecision.Allow), hold.ToState());
    }

    internal HoldState? Find(HoldId id)
    {
        Sweep();
        return _book.TryFind(id, out var hold) ? hold.ToState() : null;
    }

    internal HoldPage Page(int limit, DateTimeOffset? afterExpiry, HoldId afterId)
    {
        Sweep();
        var page = _book.Open
            .Where(hold => afterExpiry is not { } after || hold.ExpiresAt > after || (hold.ExpiresAt == after && hold.Id.Value.CompareTo(afterId.Value) > 0))
            .Take(limit);
        return new HoldPage([.. page.Select(static hold => hold.ToState())], _book.Open.Count, _book.Held);
    }

    /// <summary>Ends what has run out; answers the time by which that was decided.</summary>
    internal HoldTime Sweep()
    {
        var now = _clock.Now();
        if (_book.MayHaveExpired(now))
        {
            foreach (var hold in _book.Expired(now))
            {
                End(hold, HoldStatus.Expired, now);
            }
        }

        if (_nextGuard <= now.Passed)
        {
            LiftGuards(now.Passed);
        }

        return now;
    }

    private CapDecision Decide(in CallLabels labels, Usd amount, bool unpriced) =>
        owner.Memory.Caps.Decide(labels, amount, unpriced, owner.Memory.Settings, RetryAfter);

    private TimeSpan RetryAfter(CapHolds cap, Usd missing) => _hints.After(cap, missing, _clock.Now().Passed);

    private CapCheck ToCheck(CapDecision decision) => !decision.Allowed ? CapCheck.Denied(decision, !owner.IsOpen)
        : owner.IsOpen ? CapCheck.Free
        : CapCheck.FreeButStale;

    /// <summary>The answer to a request that has been granted before, or whose key belongs to another.</summary>
    private HoldAnswer? Repeated(HoldRequest request)
    {
        if (!_book.TryFind(request.Id, out var hold) && request.IdempotencyKey is { } key && _book.TryFindKey(key, out hold)
            && hold.Digest != request.Digest)
        {
            return HoldAnswer.KeyReused;
        }

        return hold is null ? null : new HoldAnswer(HoldAnswerKind.Granted, ToCheck(CapDecision.Allow), hold.ToState());
    }

    /// <summary>
    /// Every cap that an open hold counts in, whether it can deny or not: those that its labels match now. Looked up each time, because a list
    /// of its own for each hold would be thousands of times thousands.
    /// </summary>
    private CapMatches<CapEntry> CapsOf(Hold hold) => owner.Memory.Caps.Match(hold.Labels);

    /// <summary>The caps of a call that can deny it.</summary>
    private List<CapEntry> Hard(in CallLabels labels)
    {
        List<CapEntry> hard = [];
        foreach (var entry in owner.Memory.Caps.Match(labels))
        {
            if (entry.CanDeny)
            {
                hard.Add(entry);
            }
        }

        return hard;
    }

    private Hold Grant(HoldRequest request, HoldTime now)
    {
        var hold = new Hold
        {
            Id = request.Id,
            Labels = request.Labels,
            Amount = request.Amount,
            GrantedAt = now.Wall,
            ExpiresAt = now.Wall + request.Time,
            Deadline = now.Passed + request.Time,
            Granted = now.Passed,
            Key = request.IdempotencyKey,
            Digest = request.Digest,
        };
        _book.Add(hold);
        foreach (var entry in CapsOf(hold))
        {
            entry.Holds.Add(hold.Amount, hold.ExpiresAt, now.Passed);
        }

        metrics.Granted();
        owner.Busy();
        owner.Changed();
        return hold;
    }

    private void End(Hold hold, HoldStatus status, HoldTime now)
    {
        foreach (var entry in CapsOf(hold))
        {
            entry.Holds.Remove(hold.Amount, status == HoldStatus.Settled ? null : proofs.Stamp);
        }

        _book.End(hold, status, now);
        if (status != HoldStatus.Expired)
        {
            _hints.Ended(now.Passed - hold.Granted);
        }

        metrics.Ended(status);
        owner.Changed();
    }
}
