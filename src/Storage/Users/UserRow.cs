using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Storage.Users;

/// <summary>A person with their memberships.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">In lower case; null for a person who signs in elsewhere and whose address is not known.</param>
/// <param name="PasswordHash">Null for a person who signs in elsewhere.</param>
/// <param name="Name">As the person gave it.</param>
/// <param name="UserType">As the person gave it, <c>solo_dev</c> by default.</param>
/// <param name="SubscriptionTier">Shown to clients.</param>
/// <param name="CreatedAt">When they signed up.</param>
/// <param name="EmailVerifiedAt">When they proved that mail to the address reaches them.</param>
/// <param name="PersonalAccount">The account made at sign-up.</param>
/// <param name="Memberships">Every open account that they belong to, the personal one included.</param>
/// <param name="Sessions">Their sessions, oldest first.</param>
public sealed record UserRow(
    UserId Id,
    string? Email,
    string? PasswordHash,
    string? Name,
    string UserType,
    string SubscriptionTier,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EmailVerifiedAt,
    AccountId PersonalAccount,
    ImmutableArray<MembershipRow> Memberships,
    ImmutableArray<Guid> Sessions);

/// <summary>A user's place in an account: <c>owner</c>, <c>admin</c>, <c>member</c> or <c>viewer</c>.</summary>
public sealed record MembershipRow(AccountId Account, string Role);

/// <summary>What sign-up stores in one transaction: the user, their personal account and their membership as its owner.</summary>
public sealed record NewUser(
    UserId Id,
    string Email,
    string? PasswordHash,
    string? Name,
    string UserType,
    AccountId PersonalAccount,
    string AccountName,
    DateTimeOffset CreatedAt);
