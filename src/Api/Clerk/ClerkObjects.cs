using System.Text.Json;
using LlmObserve.Api.Http;
using LlmObserve.Api.Users;
using LlmObserve.Domain.Clerk;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Clerk;

/// <summary>Reads the objects of Clerk's API; every fault goes to the fields.</summary>
internal static class ClerkObjects
{
    /// <summary>The year 5138.</summary>
    public const long MaxMs = 100_000_000_000_000;

    public const string MembershipPrefix = "orgmem_";

    private const int MaxNameLength = 200;
    private const int MaxRoleLength = 128;

    /// <summary>More than SMTP can carry is left to whoever keeps it.</summary>
    private const int MaxEmailLength = 320;

    /// <summary>A person has a few.</summary>
    private const int MaxEmails = 256;

    private static readonly JsonElement s_nothing = JsonSerializer.SerializeToElement(new Dictionary<string, string>());

    /// <param name="user">Its fields.</param>
    /// <param name="version">Of an object that does not say its own, as for the others.</param>
    public static ClerkUser User(JsonFields user, long version)
    {
        var name = FullName(user.DisplayText("first_name", MaxNameLength), user.DisplayText("last_name", MaxNameLength))
            ?? user.DisplayText("username", MaxNameLength);
        var (email, isVerified) = Email(user);
        return new ClerkUser(user.Id("id", ClerkClaims.UserPrefix), email, isVerified, name, user.Ms("updated_at", version));
    }

    public static ClerkOrganization Organization(JsonFields organization, long version)
    {
        var id = organization.Id("id", ClerkClaims.OrganizationPrefix);
        var slug = organization.DisplayText("slug", MaxNameLength);
        var creator = organization.OptionalText("created_by", ClerkClaims.MaxIdLength);
        return new ClerkOrganization(
            id,
            organization.DisplayText("name", MaxNameLength) ?? slug ?? id,
            creator is not null && ClerkClaims.IsId(creator, ClerkClaims.UserPrefix) ? creator : null,
            organization.Ms("updated_at", version));
    }

    /// <summary>The member has no version: what a membership says of a person counts as older than what the person's own events say.</summary>
    public static ClerkMembership Membership(JsonFields membership, long version)
    {
        var member = membership.Inner("public_user_data");
        var user = new ClerkUser(
            member.Id("user_id", ClerkClaims.UserPrefix),
            Normalized(member.DisplayText("identifier", MaxEmailLength)),
            IsEmailVerified: false,
            FullName(member.DisplayText("first_name", MaxNameLength), member.DisplayText("last_name", MaxNameLength)),
            UpdatedMs: 0);
        var id = membership.Id("id", MembershipPrefix);
        var role = membership.RequiredText("role", MaxRoleLength);
        var organization = Organization(membership.Inner("organization"), version: 0);
        var updatedAt = membership.Ms("updated_at", version);
        return new ClerkMembership(id, role, organization, user, membership.Ms("created_at", updatedAt), updatedAt);
    }

    /// <summary>An id of Clerk's; "" after a fault.</summary>
    public static string Id(this JsonFields fields, string name, string prefix)
    {
        var id = fields.RequiredText(name, ClerkClaims.MaxIdLength);
        if (id.Length > 0 && !ClerkClaims.IsId(id, prefix))
        {
            fields.Add(name, FaultCodes.Malformed, $"must be an id like {prefix}2g7np7Hrk0SN6kj5EDMLDaKNL0S");
            return "";
        }

        return id;
    }

    /// <summary>A time, or another where it is missing.</summary>
    public static long Ms(this JsonFields fields, string name, long otherwise) => fields.Whole(name, 0, MaxMs) ?? otherwise;

    /// <summary>An object that must be there; after a fault one without fields.</summary>
    public static JsonFields Inner(this JsonFields fields, string name)
    {
        if (!fields.IsGiven(name))
        {
            fields.Add(name, FaultCodes.Required, "is required");
        }

        // What is missing inside of what is missing is not told apart.
        return fields.Object(name) ?? new JsonFields(s_nothing);
    }

    private static (string? Email, bool IsVerified) Email(JsonFields user)
    {
        var primary = user.OptionalText("primary_email_address_id", ClerkClaims.MaxIdLength);
        var addresses = user.Objects("email_addresses", MaxEmails)
            .Select(address => (
                Id: address.DisplayText("id", ClerkClaims.MaxIdLength),
                Text: address.RequiredText("email_address", MaxEmailLength),
                IsVerified: address.Object("verification")?.DisplayText("status", MaxRoleLength) == "verified"))
            .OrderByDescending(address => primary is not null && address.Id == primary).ThenByDescending(address => address.IsVerified)
            .ToList();
        return addresses.Count > 0 && Normalized(addresses[0].Text) is { } email ? (email, addresses[0].IsVerified) : (null, false);
    }

    private static string? Normalized(string? text) => text is null ? null : EmailAddress.Normalize("email", text, new List<Fault>());

    private static string? FullName(string? first, string? last)
    {
        var name = $"{first} {last}".Trim();
        return name.Length > 0 ? name : null;
    }
}
