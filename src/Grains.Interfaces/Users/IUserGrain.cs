using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using Orleans;

namespace LlmObserve.Grains.Interfaces.Users;

/// <summary>A person who signs in: profile and memberships. The key is the user id.</summary>
[Alias("llmobserve.user")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>The user, or null where there is none of that id.</summary>
    [Alias("get")]
    Task<UserProfile?> GetAsync();

    /// <summary>Reads the user's rows anew: after a change to them.</summary>
    [Alias("refresh")]
    Task RefreshAsync();
}

/// <summary>A user as the server knows them.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">In lower case; null where it is not known.</param>
/// <param name="Name">As the person gave it.</param>
/// <param name="UserType">As the person gave it.</param>
/// <param name="CreatedAt">When they signed up.</param>
/// <param name="PersonalAccount">The account made at sign-up.</param>
/// <param name="Memberships">Their places in accounts that are open.</param>
/// <param name="EmailVerified">Whether they proved that mail to the address reaches them.</param>
/// <param name="Sessions">Where they are signed in: a token of another session opens nothing.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.user-profile")]
public sealed record UserProfile(
    UserId Id,
    string? Email,
    string? Name,
    string? UserType,
    DateTimeOffset CreatedAt,
    AccountId PersonalAccount,
    ImmutableArray<Membership> Memberships,
    bool EmailVerified,
    ImmutableArray<Guid> Sessions);

/// <summary>A user's place in an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.membership")]
public sealed record Membership(AccountId Account, string Role);
