using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Users;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Clerk;

namespace LlmObserve.Api.Clerk;

/// <summary>What became of a bearer token: a person and the account that they chose, or a refusal. Neither where it is no token of Clerk's.</summary>
internal readonly record struct ClerkCaller(UserProfile? Profile, AccountId Account, Problem? Refusal)
{
    public bool IsForeign => Profile is null && Refusal is null;

    public static ClerkCaller Refused(Problem refusal) => new(null, default, refusal);
}

/// <summary>Finds the person of a session token, and makes them where the token is quicker than Clerk's message.</summary>
internal sealed class ClerkCallers(ClerkTokens tokens, ClerkPeople people, ClerkStore store, ClerkNews news, GrainCalls calls)
{
    /// <summary>Two generations of it take about 4 MB. Which person of ours a user is never changes.</summary>
    public const int MaxUsersPerGeneration = 16_384;

    /// <summary>Likewise.</summary>
    public const int MaxOrganizationsPerGeneration = 4_096;

    private static readonly Problem s_unavailable =
        Problems.Unavailable("Clerk does not give the keys by which session tokens are verified; try again later.", ShedReasons.Dependency);

    private static readonly Problem s_pending = Problems.Unauthorized(
        "pending-session", "The session is not complete: finish the steps that signing in still asks for.");

    private static readonly Problem s_otherParty = Problems.Unauthorized(
        "other-party", $"The session token was made for another origin than this server takes; {ClerkOptions.AuthorizedPartiesVariable} names them.");

    private static readonly Problem s_deleted = Problems.Unauthorized("deleted-user", "The user of this session token has been deleted.");

    private readonly BoundedMap<UserId> _users = new(MaxUsersPerGeneration);
    private readonly BoundedMap<AccountId> _accounts = new(MaxOrganizationsPerGeneration);

    public async ValueTask<ClerkCaller> FindAsync(string token, CancellationToken cancellationToken)
    {
        var (outcome, session) = await tokens.ReadAsync(token, cancellationToken);
        if (session is null)
        {
            return outcome switch
            {
                ClerkTokenOutcome.Foreign => default,
                ClerkTokenOutcome.Unavailable => ClerkCaller.Refused(s_unavailable),
                ClerkTokenOutcome.Expired => ClerkCaller.Refused(Refusals.ExpiredSession),
                ClerkTokenOutcome.Pending => ClerkCaller.Refused(s_pending),
                ClerkTokenOutcome.OtherParty => ClerkCaller.Refused(s_otherParty),
                _ => ClerkCaller.Refused(Refusals.InvalidSession),
            };
        }

        if (await FindUserAsync(session, cancellationToken) is not { } user)
        {
            return ClerkCaller.Refused(s_deleted);
        }

        // Whether they are still there, and where they belong, only their grain knows: it is told of every change.
        var profile = await calls.RepeatAsync<IUserGrain, UserProfile?>(user.ToString(), grain => grain.GetAsync()).WaitAsync(cancellationToken);
        return profile is null
            ? ClerkCaller.Refused(s_deleted)
            : new ClerkCaller(profile, await ChosenAsync(session, profile, cancellationToken), null);
    }

    private async ValueTask<UserId?> FindUserAsync(ClerkSession session, CancellationToken cancellationToken)
    {
        if (_users.TryGet(session.User, out var remembered))
        {
            return remembered;
        }

        var known = await store.FindUserAsync(session.User, cancellationToken);
        if (known is { IsDeleted: true })
        {
            return null;
        }

        if (known?.User is null)
        {
            var answer = await people.FindAsync(session.Instance, session.User, cancellationToken);
            if (answer is { IsGone: true })
            {
                return null;
            }

            var user = answer?.User ?? new ClerkUser(session.User, Email: null, IsEmailVerified: false, Name: null, UpdatedMs: 0);
            var actor = new Actor(ActorKind.Clerk, session.Session, null, null, null);
            await news.ApplyAsync(new ClerkEvent.UserSaved(user), message: null, actor, cancellationToken);
            known = await store.FindUserAsync(session.User, cancellationToken);
        }

        if (known is not { IsDeleted: false, User: { } found })
        {
            return null;
        }

        _users.Add(session.User, found);
        return found;
    }

    /// <summary>The account of the organization that the user chose, where they belong to it; else their own.</summary>
    private async ValueTask<AccountId> ChosenAsync(ClerkSession session, UserProfile profile, CancellationToken cancellationToken)
    {
        if (session.Organization is not { Id: var organization })
        {
            return profile.PersonalAccount;
        }

        if (!_accounts.TryGet(organization, out var account))
        {
            if ((await store.FindOrganizationAsync(organization, cancellationToken))?.Account is not { } found)
            {
                return profile.PersonalAccount;
            }

            account = found;
            _accounts.Add(organization, account);
        }

        return profile.Memberships.Any(membership => membership.Account == account) ? account : profile.PersonalAccount;
    }
}
