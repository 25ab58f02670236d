using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Users;

namespace LlmObserve.Storage.Invitations;

/// <summary>An open invitation.</summary>
/// <param name="Id">Its public id, which a renewal keeps.</param>
/// <param name="Email">Whom it is for, in lower case.</param>
/// <param name="Role">What they are to be.</param>
/// <param name="InvitedBy">The address of who made it; null where they are no member any more or have none.</param>
/// <param name="CreatedAt">When it was made, or renewed last.</param>
/// <param name="ExpiresAt">Its link opens nothing from then on.</param>
public sealed record InvitationRow(
    Guid Id, string Email, AccountRole Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>What whoever has the link may know of an invitation.</summary>
public sealed record InvitationPreview(string AccountName, string? InviterName, string? InviterEmail, AccountRole Role, string Email, DateTimeOffset ExpiresAt);

/// <summary>An invitation to be stored.</summary>
/// <param name="Email">In lower case.</param>
/// <param name="Role">Not an owner's.</param>
/// <param name="Sha256">Of the token in the link.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record NewInvitation(string Email, AccountRole Role, byte[] Sha256, DateTimeOffset ExpiresAt);

/// <summary>What became of an invitation.</summary>
public enum InvitationOutcome
{
    Done = 0,

    /// <summary>The user who asks belongs to no such account, or it is closed.</summary>
    NoAccount,

    /// <summary>They must be an admin there.</summary>
    MissingRole,

    /// <summary>No open invitation has this id or token.</summary>
    NoInvitation,

    /// <summary>The address is a member's.</summary>
    AlreadyMember,

    /// <summary>The account has <see cref="InvitationsStore.MaxOpen"/> open ones.</summary>
    TooManyOpen,

    /// <summary>The account, or this address by it, was invited for often enough today.</summary>
    TooManyToday,

    /// <summary>It is for another address than the user's.</summary>
    OtherAddress,

    /// <summary>The account has <see cref="InvitationsStore.MaxMembers"/> members.</summary>
    TooManyMembers,

    /// <summary>The user is in <see cref="InvitationsStore.MaxAccounts"/> accounts.</summary>
    TooManyAccounts,
}

/// <summary>The answer to somebody who invites or withdraws.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Invitation">The invitation, where it was made.</param>
/// <param name="AccountName">Where to.</param>
/// <param name="InviterName">As the inviter gave it, else their address.</param>
/// <param name="Role">What the user who asks is.</param>
public sealed record InvitationAnswer(
    InvitationOutcome Outcome, InvitationRow? Invitation = null, string? AccountName = null, string? InviterName = null, AccountRole Role = default);

/// <summary>The answer to somebody who accepts.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Account">Where they are now.</param>
public sealed record AcceptAnswer(InvitationOutcome Outcome, AccountId Account = default);

/// <summary>Who accepts, by which token, and when.</summary>
/// <param name="Sha256">Of the token in the link.</param>
/// <param name="User">Who is signed in.</param>
/// <param name="Actor">The same, for the audit log.</param>
/// <param name="At">When.</param>
public sealed record Acceptance(byte[] Sha256, UserId User, Actor Actor, DateTimeOffset At);
