namespace LlmObserve.Domain.Audit;

/// <summary>The words for what can be done. Published: a word never changes its meaning.</summary>
public static class AuditActions
{
    public const string AccountCreated = "account.created";
    public const string AccountUpdated = "account.updated";
    public const string AccountClosed = "account.closed";
    public const string AccountRestored = "account.restored";
    public const string AccountPurged = "account.purged";
    public const string OwnershipTransferred = "account.ownership_transferred";

    public const string MemberAdded = "member.added";
    public const string MemberUpdated = "member.updated";
    public const string MemberRemoved = "member.removed";
    public const string MemberLeft = "member.left";

    public const string InvitationCreated = "invitation.created";
    public const string InvitationWithdrawn = "invitation.withdrawn";
    public const string InvitationAccepted = "invitation.accepted";

    public const string KeyCreated = "key.created";
    public const string KeyUpdated = "key.updated";
    public const string KeyRotated = "key.rotated";
    public const string KeyRevoked = "key.revoked";
    public const string KeyRevealed = "key.revealed";

    public const string CapCreated = "cap.created";
    public const string CapUpdated = "cap.updated";
    public const string CapDeleted = "cap.deleted";

    public const string CustomerUpdated = "customer.updated";
    public const string CustomerDeleted = "customer.deleted";

    public const string SettingsUpdated = "settings.updated";
    public const string PricesImported = "prices.imported";
    public const string PricesUpdated = "prices.updated";

    public const string UserSignedUp = "user.signed_up";
    public const string UserVerified = "user.verified";
    public const string UserUpdated = "user.updated";
    public const string UserClosed = "user.closed";
    public const string PasswordChanged = "user.password_changed";
    public const string PasswordReset = "user.password_reset";

    public const string SignedIn = "session.started";
    public const string SignedOut = "session.ended";
    public const string SignedOutEverywhere = "session.all_ended";
}
