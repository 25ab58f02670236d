using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Storage.Accounts;

/// <summary>An account whose end was written down or taken back, with everybody who must hear of it.</summary>
/// <param name="Account">The account.</param>
/// <param name="Name">As it is called.</param>
/// <param name="ClosedAt">Since when it is closed; null once it is open again.</param>
/// <param name="PurgeAt">When its data goes; null once it is open again.</param>
/// <param name="Members">Its people.</param>
public sealed record AccountEnd(
    AccountId Account, string Name, DateTimeOffset? ClosedAt, DateTimeOffset? PurgeAt, ImmutableArray<UserId> Members)
{
    /// <summary>From an account's end to the deletion of its data: a month's bill is still to be read, and a mistake to be noticed.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(30);
}

/// <summary>What became of a wish to close or restore an account.</summary>
public enum ClosingOutcome
{
    Done = 0,

    /// <summary>There is no such account, or the user who asks does not belong to it.</summary>
    NoAccount,

    /// <summary>They do not own it.</summary>
    MissingRole,

    /// <summary>It goes with the user whose it is.</summary>
    PersonalAccount,
}

/// <summary>The answer to such a wish.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="End">The account, where it was done, also where it had been before.</param>
/// <param name="Role">What the user who asks is.</param>
public sealed record ClosingAnswer(ClosingOutcome Outcome, AccountEnd? End = null, AccountRole Role = default);

/// <summary>What became of a wish to close a user.</summary>
/// <param name="IsDone">False where they are not there, or are needed.</param>
/// <param name="NeededIn">The accounts that would have no owner but have other members.</param>
/// <param name="Closed">The accounts that went with them.</param>
/// <param name="Left">Those who stay in the accounts that they left and whose place there has changed.</param>
public sealed record UserClosing(
    bool IsDone, ImmutableArray<(AccountId Account, string Name)> NeededIn, ImmutableArray<AccountEnd> Closed, ImmutableArray<UserId> Left)
{
    internal static UserClosing NoUser { get; } = new(false, [], [], []);
}
