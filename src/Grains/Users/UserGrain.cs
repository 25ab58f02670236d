using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;
using Orleans;

namespace LlmObserve.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
internal sealed class UserGrain(UsersStore users, GrainMetrics metrics) : Grain, IUserGrain
{
    private UserProfile? _profile;

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
        }

        return Task.FromResult(_profile);
    }

    public Task RefreshAsync() => LoadAsync(CancellationToken.None);

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var id = UserId.Parse(this.GetPrimaryKeyString());
        _profile = await users.FindAsync(id, cancellationToken) is { } row
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
