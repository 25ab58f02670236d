using System.Collections.Immutable;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Caps;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;

namespace LlmObserve.Grains.Accounts;

/// <summary>Changes to the account's caps: in the database first, in the ledger's own turn, then in memory in one step.</summary>
internal sealed partial class Account
{
    /// <summary>Keeps the table, its load and its list within a few megabytes and milliseconds; three times the largest plan we know of.</summary>
    private const int MaxCaps = 10_000;

    private static readonly CapAnswer NotFound = new(CapAnswerKind.NotFound, null);

    internal ImmutableArray<CapState> GetCaps()
    {
        _holds.Sweep();
        return
        [
            .. _memory.Caps.Entries
                .OrderBy(e => e.Cap.CreatedAt).ThenBy(e => e.Cap.Id.Value)
                .Select(e => _memory.Caps.StateOf(e, Stale)),
        ];
    }

    internal CapState? GetCap(CapId id)
    {
        _holds.Sweep();
        return _memory.Caps.Find(id) is { } entry ? _memory.Caps.StateOf(entry, Stale) : null;
    }

    internal async Task<CapAnswer> CreateCapAsync(Cap cap, Actor by)
    {
        if (cap.Account != _id)
        {
            throw new ArgumentException($"cap {cap.Id} belongs to account {cap.Account}, not to {_id}", nameof(cap));
        }

        return await _ledger.InTurnAsync(async cancellationToken =>
        {
            if (_memory.Caps.Count >= MaxCaps)
            {
                return new CapAnswer(CapAnswerKind.TooMany, null);
            }

            // Nothing is in flight in a turn, so what the ledger holds now is what the table must start from.
            var totals = await _loads.LoadCapsAsync(_id, [cap], _memory.Zone, _clock.GetUtcNow(), cancellationToken);
            MustHold(await _loads.Database.InsertCapAsync(
                cap, _ledger.Position.Epoch, AccountAudit.Created(cap, by, _clock.GetUtcNow()), cancellationToken));
            var entry = _memory.Caps.Add(cap, _ledger.Position.Seq);
            totals[0].ApplyTo(entry, _clock.GetUtcNow());
            _holds.Attach(entry);
            Watches.Note(AccountChanges.Caps);
            await _caps.ReloadAsync(entry);
            await MustCoverAsync(entry);
            return new CapAnswer(CapAnswerKind.Done, _memory.Caps.StateOf(entry, Stale));
        }) ?? throw Unavailable();
    }

    internal async Task<CapAnswer> ChangeCapAsync(CapId id, CapChange change, Actor by) => await _ledger.InTurnAsync(async cancellationToken =>
    {
        if (_memory.Caps.Find(id) is not { } entry)
        {
            return NotFound;
        }

        var now = _clock.GetUtcNow();
        var changed = entry.Cap with
        {
            Limit = change.Limit ?? entry.Cap.Limit,
            Thresholds = change.Thresholds ?? entry.Cap.Thresholds,
            AlertEmail = change.ClearAlertEmail ? null : change.AlertEmail ?? entry.Cap.AlertEmail,
            Enforcement = change.Enforcement ?? entry.Cap.Enforcement,
            Enabled = change.Enabled ?? entry.Cap.Enabled,
            UpdatedAt = now,
        };
        MustHold(await _loads.Database.UpdateCapAsync(
            changed, _ledger.Position.Epoch, AccountAudit.Changed(entry.Cap, changed, by, now), cancellationToken));
        entry.Change(changed, now, _memory.Zone);
        Watches.Note(AccountChanges.Caps);
        await _caps.ReloadAsync(entry);
        await MustCoverAsync(entry);
        return new CapAnswer(CapAnswerKind.Done, _memory.Caps.StateOf(entry, Stale));
    }) ?? throw Unavailable();

    internal async Task<CapAnswer> DeleteCapAsync(CapId id, Actor by) => await _ledger.InTurnAsync(async cancellationToken =>
    {
        if (_memory.Caps.Find(id) is not { } entry)
        {
            return NotFound;
        }

        MustHold(await _loads.Database.DeleteCapAsync(
            _id, id, _ledger.Position.Epoch, AccountAudit.Deleted(entry.Cap, by, _clock.GetUtcNow()), cancellationToken));
        _memory.Caps.Remove(id);
        _holds.Forget(entry);
        Watches.Note(AccountChanges.Caps);
        await _caps.ReloadAsync(entry);
        _caps.Forget(entry);
        return new CapAnswer(CapAnswerKind.Done, null);
    }) ?? throw Unavailable();

    /// <summary>A cap that can deny from now on must not forget in a crash what is held of it already.</summary>
    private async Task MustCoverAsync(CapEntry entry)
    {
        if (!await _holds.CoverAsync(entry))
        {
            throw Unavailable();
        }
    }

    private void MustHold(bool written)
    {
        if (!written)
        {
            throw new EpochOverException($"epoch {_ledger.Position.Epoch} of account {_id} is over, or its caps were changed by another");
        }
    }
}
