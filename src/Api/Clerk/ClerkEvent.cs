using LlmObserve.Api.Http;

namespace LlmObserve.Api.Clerk;

/// <summary>A user as Clerk describes one, in webhooks and in its Backend API.</summary>
/// <param name="Id"><c>user_…</c></param>
/// <param name="Email">The primary address as it was written; without one that is verified before others. Null for a user without an address.</param>
/// <param name="Name">First and last name, else the user name.</param>
/// <param name="UpdatedAtMs">Since 1970; orders what is said of this user.</param>
internal sealed record ClerkUser(string Id, string? Email, string? Name, long CreatedAtMs, long UpdatedAtMs);

/// <summary>An organization as Clerk describes one.</summary>
/// <param name="Id"><c>org_…</c></param>
/// <param name="CreatedBy">The user who made it, where it is said.</param>
/// <param name="UpdatedAtMs">Since 1970; orders what is said of this organization.</param>
internal sealed record ClerkOrganization(string Id, string Name, string? Slug, string? CreatedBy, long CreatedAtMs, long UpdatedAtMs);

/// <summary>A user's place in an organization.</summary>
/// <param name="Id"><c>orgmem_…</c>; a user who comes again has another.</param>
/// <param name="Role"><c>org:admin</c>, <c>org:member</c>, or one of the organization's own.</param>
/// <param name="Member">What the event says of the user; the address only where the user signs in by one.</param>
internal sealed record ClerkMembership(
    string Id, string Role, ClerkOrganization Organization, ClerkUser Member, long CreatedAtMs, long UpdatedAtMs);

/// <summary>One thing that happened at Clerk, as its webhooks tell it.</summary>
internal abstract record ClerkEvent
{
    private ClerkEvent()
    {
    }

    public sealed record UserSaved(ClerkUser User) : ClerkEvent;

    public sealed record UserDeleted(string User) : ClerkEvent;

    public sealed record OrganizationSaved(ClerkOrganization Organization) : ClerkEvent;

    public sealed record OrganizationDeleted(string Organization) : ClerkEvent;

    public sealed record MembershipSaved(ClerkMembership Membership) : ClerkEvent;

    /// <param name="Membership">Its id.</param>
    /// <param name="Organization">Null where the message says no more than that it is gone.</param>
    /// <param name="User">As <paramref name="Organization"/>.</param>
    public sealed record MembershipDeleted(string Membership, string? Organization, string? User) : ClerkEvent;

    /// <summary>Nothing that changes who may do what here.</summary>
    public sealed record Other(string Type) : ClerkEvent;
}

/// <summary>Either an event or the problem to answer with.</summary>
internal readonly record struct ClerkEventResult(ClerkEvent? Event, Problem? Problem);
