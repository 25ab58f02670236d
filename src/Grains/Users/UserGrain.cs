using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;
using Orleans;

namespace LlmObserve.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
internal sealed class UserGrain(UsersStore users) : Grain, IUserGrain
{
    private UserProfile? _profile;

    public override Task OnActivateAsync(CancellationToken cancellationToken) => LoadAsync(cancellationToken);

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
                [.. row.Memberships.Select(m => new Membership(m.Account, m.Role))])
            : null;
    }
}
