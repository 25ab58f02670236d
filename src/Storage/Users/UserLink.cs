using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Storage.Users;

/// <summary>What a mailed link does.</summary>
public enum LinkPurpose
{
    /// <summary>Proves that mail to the address reaches the person.</summary>
    Verify,

    /// <summary>Sets a new password.</summary>
    Reset,
}

/// <summary>A link that is to be mailed.</summary>
/// <param name="Sha256">Of its token.</param>
/// <param name="User">Whom it is for.</param>
/// <param name="Purpose">What it does.</param>
/// <param name="Email">Where it goes: it is worth nothing once the person's address is another.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record NewUserLink(byte[] Sha256, UserId User, LinkPurpose Purpose, string Email, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Whom a link was mailed to.</summary>
/// <param name="User">The person.</param>
/// <param name="Email">Their address.</param>
/// <param name="PersonalAccount">Their own account: its audit log tells of it.</param>
public sealed record LinkOwner(UserId User, string Email, AccountId PersonalAccount);
