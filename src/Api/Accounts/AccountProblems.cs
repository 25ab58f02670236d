using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Invitations;

namespace LlmObserve.Api.Accounts;

/// <summary>Why something about accounts and their people is refused.</summary>
internal static class AccountProblems
{
    public static readonly Problem NoAccount = Problems.NotFound("You belong to no account with this id.");

    public static readonly Problem NoMember = Problems.NotFound("The account has no member with this id.");

    public static readonly Problem Closed = Problems.Conflict("account-closed", "The account is closed; restore it first.");

    public static readonly Problem TooManyAccounts = Problems.Conflict(
        "too-many-accounts", $"You own {UserAccountsStore.MaxOwned} accounts already, counting those that are closed and not yet deleted.");

    public static readonly Problem LastOwner = Problems.Conflict(
        "last-owner", "The account has no other owner; make somebody else one first, or delete the account.");

    public static readonly Problem PersonalAccount = Problems.Conflict(
        "personal-account", "This is a personal account: it has one owner, whose it is, and goes with their user.");

    public static readonly Problem NoInvitation = Problems.NotFound("The account has no open invitation with this id.");

    /// <summary>The same for a link that never was, was used, withdrawn or renewed, and is too old.</summary>
    public static readonly Problem NoSuchInvitation = new(
        StatusCodes.Status404NotFound, "no-such-invitation", "No such invitation", "This link opens nothing any more; ask for another invitation.");

    /// <summary>A user who cannot go: <c>accounts</c> has the ids of the accounts, between commas.</summary>
    public static Problem NeededIn(ImmutableArray<(AccountId Account, string Name)> accounts) => LastOwner with
    {
        Detail = "You are the only owner of accounts with other members: " + string.Join(", ", accounts.Select(account => account.Name))
            + ". Make somebody else their owner first, or delete them.",
        More = [new ProblemMember("accounts", null, string.Join(',', accounts.Select(account => account.Account.ToString())))],
    };

    /// <summary>An account that was not closed or restored.</summary>
    public static Problem Of(ClosingAnswer answer) => answer.Outcome switch
    {
        ClosingOutcome.NoAccount => NoAccount,
        ClosingOutcome.MissingRole => Refusals.MissingRole(AccountRole.Owner, answer.Role),
        _ => PersonalAccount,
    };

    /// <summary>An invitation that was not made, withdrawn or accepted.</summary>
    public static Problem Of(InvitationAnswer answer) => answer.Outcome == InvitationOutcome.MissingRole
        ? Refusals.MissingRole(AccountRole.Admin, answer.Role)
        : Of(answer.Outcome, NoInvitation);

    /// <inheritdoc cref="Of(InvitationAnswer)"/>
    public static Problem Of(AcceptAnswer answer) => Of(answer.Outcome, NoSuchInvitation);

    private static Problem Of(InvitationOutcome outcome, Problem none) => outcome switch
    {
        InvitationOutcome.NoAccount => NoAccount,
        InvitationOutcome.AlreadyMember => Problems.Conflict("already-member", "Somebody with this address is a member of the account already."),
        InvitationOutcome.TooManyOpen => Problems.Conflict(
            "too-many-invitations", $"The account has {InvitationsStore.MaxOpen} open invitations; withdraw one, or wait for an answer."),
        InvitationOutcome.TooManyToday => Problems.Conflict(
            "too-many-invitations",
            $"In a day an account may invite {InvitationsStore.MaxPerDay} times, and one address {InvitationsStore.MaxPerDayAndAddress} times; go on tomorrow."),
        InvitationOutcome.OtherAddress => Problems.Forbidden(
            "other-address", "The invitation is for another address than yours; sign in with that one. The link stays good."),
        InvitationOutcome.TooManyMembers => Problems.Conflict("too-many-members", $"The account has {InvitationsStore.MaxMembers} members already."),
        InvitationOutcome.TooManyAccounts => Problems.Conflict("too-many-accounts", $"You are in {InvitationsStore.MaxAccounts} accounts already; leave one."),
        _ => none,
    };

    /// <summary>A change of members that was not made.</summary>
    public static Problem Of(MemberAnswer answer) => answer.Outcome switch
    {
        MemberOutcome.NoAccount => NoAccount,
        MemberOutcome.NoMember => NoMember,
        MemberOutcome.MissingRole => Refusals.MissingRole(answer.Least, answer.Role),
        MemberOutcome.LastOwner => LastOwner,
        _ => PersonalAccount,
    };
}
