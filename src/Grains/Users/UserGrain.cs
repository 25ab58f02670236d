using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
internal sealed class UserGrain(UsersStore users, GrainMetrics metrics) : Grain, IUserGrain
{
    /// <summary>The rows are read again while they are asked for: for a change whose process died before it could say so here.</summary>
    private static readonly TimeSpan CatchUpEvery = TimeSpan.FromSeconds(30);

    private UserProfile? _profile;
    private bool _isAsked;
    private long _loadsBegun;
    private long _loaded;
    private IGrainTimer? _timer;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        metrics.Activated("user");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Deactivated("user");
        return Task.CompletedTask;
    }

    public Task<UserProfile?> GetAsync()
    {
        if (_profile is null)
        {
            // Nobody's id. Not while activating: the call would never arrive.
            DeactivateOnIdle();
            return Task.FromResult<UserProfile?>(null);
        }

        _isAsked = true;
        _timer ??= this.RegisterGrainTimer(
            static (grain, cancellationToken) => grain.CatchUpAsync(cancellationToken),
            this,
            // Beside the requests: a database that does not answer must not keep one waiting.
            new GrainTimerCreationOptions(CatchUpEvery, CatchUpEvery) { Interleave = true });
        return Task.FromResult<UserProfile?>(_profile);
    }

    public async Task RefreshAsync()
    {
        try
        {
            await LoadAsync(CancellationToken.None);
        }
        catch
        {
            // Something has changed and we do not know what: the next request reads it, or is told to come back later.
            DeactivateOnIdle();
            throw;
        }
    }

    private Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var isAsked = _isAsked;
        _isAsked = false;
        return isAsked ? LoadAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Of two loads that cross, the one that began later knows more.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var load = ++_loadsBegun;
        var found = await users.FindAsync(UserId.Parse(this.GetPrimaryKeyString()), cancellationToken);
        if (load < _loaded)
        {
            return;
        }

        _loaded = load;
        _profile = found is { } row
            ? new UserProfile(
                row.Id,
                row.Email,
                row.Name,
                row.UserType,
                row.CreatedAt,
                row.PersonalAccount,
                [.. row.Memberships.Select(m => new Membership(m.Account, m.Role))],
                row.EmailVerifiedAt is not null,
                row.Sessions)
            : null;
    }
}
