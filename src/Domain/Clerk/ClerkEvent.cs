namespace LlmObserve.Domain.Clerk;

/// <summary>A user as Clerk describes one, in webhooks and in its Backend API.</summary>
/// <param name="Id"><c>user_…</c></param>
/// <param name="Email">The primary address, else one that is verified, else the first; in lower case. Null where there is none that can be kept.</param>
/// <param name="IsEmailVerified">Whether the user proved that it is theirs.</param>
/// <param name="Name">First and last name, else the user name.</param>
/// <param name="UpdatedMs">Since 1970; orders what is said of this user. 0 for what is older than anything that the user's own events say.</param>
public sealed record ClerkUser(string Id, string? Email, bool IsEmailVerified, string? Name, long UpdatedMs);

/// <summary>An organization as Clerk describes one.</summary>
/// <param name="Id"><c>org_…</c></param>
/// <param name="Name">Shown to its members.</param>
/// <param name="CreatedBy">The user who made it, where it is said.</param>
/// <param name="UpdatedMs">Since 1970; orders what is said of this organization.</param>
public sealed record ClerkOrganization(string Id, string Name, string? CreatedBy, long UpdatedMs);

/// <summary>A user's place in an organization.</summary>
/// <param name="Id"><c>orgmem_…</c>; a user who comes again has another.</param>
/// <param name="Role"><c>org:admin</c>, <c>org:member</c>, or one of the organization's own.</param>
/// <param name="Organization">As the event describes it.</param>
/// <param name="Member">What the event says of the user; the address only where the user signs in by one.</param>
/// <param name="CreatedMs">When the user came, since 1970.</param>
/// <param name="UpdatedMs">Since 1970; orders what is said of this membership.</param>
public sealed record ClerkMembership(string Id, string Role, ClerkOrganization Organization, ClerkUser Member, long CreatedMs, long UpdatedMs);

/// <summary>One thing that happened at Clerk, as its webhooks tell it.</summary>
public abstract record ClerkEvent
{
    private ClerkEvent()
    {
    }

    public sealed record UserSaved(ClerkUser User) : ClerkEvent;

    public sealed record UserDeleted(string User) : ClerkEvent;

    public sealed record OrganizationSaved(ClerkOrganization Organization) : ClerkEvent;

    public sealed record OrganizationDeleted(string Organization) : ClerkEvent;

    public sealed record MembershipSaved(ClerkMembership Membership) : ClerkEvent;

    public sealed record MembershipDeleted(string Membership) : ClerkEvent;

    /// <summary>Nothing that changes who may do what here.</summary>
    public sealed record Other(string Type) : ClerkEvent;
}
