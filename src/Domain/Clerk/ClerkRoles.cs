using System.Collections.Immutable;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Domain.Clerk;

/// <summary>A membership that has not been deleted.</summary>
/// <param name="Id">Clerk's; decides between what is equal otherwise.</param>
/// <param name="User">Who.</param>
/// <param name="Role">Clerk's word.</param>
/// <param name="CreatedMs">When the user came, since 1970.</param>
/// <param name="UpdatedMs">How new this is.</param>
public sealed record ClerkPlace(string Id, UserId User, string Role, long CreatedMs, long UpdatedMs);

/// <summary>Roles in the account of an organization, from everything that is known of it: the order in which it was told makes no difference.</summary>
public static class ClerkRoles
{
    /// <summary>The role of a word of Clerk's. What an organization made up itself opens no more than a viewer's.</summary>
    public static AccountRole Of(string word) => word switch
    {
        "org:admin" or "admin" => AccountRole.Admin,
        "org:member" or "member" => AccountRole.Member,
        _ => AccountRole.Viewer,
    };

    /// <summary>
    /// What each member is. An account always has an owner: whoever made the organization while they are an admin of it, else the first admin,
    /// else the first of the highest role there is.
    /// </summary>
    public static ImmutableDictionary<UserId, AccountRole> Resolve(IEnumerable<ClerkPlace> places, UserId? creator)
    {
        // Who left and came again has two for as long as the news of their leaving is under way.
        var newest = places.GroupBy(place => place.User)
            .Select(group => group.OrderBy(place => place.UpdatedMs).ThenBy(place => place.Id, StringComparer.Ordinal).Last())
            .OrderByDescending(place => Of(place.Role)).ThenBy(place => place.CreatedMs).ThenBy(place => place.Id, StringComparer.Ordinal)
            .ToList();
        var roles = newest.ToImmutableDictionary(place => place.User, place => Of(place.Role));
        var owner = newest.Find(place => place.User == creator && Of(place.Role) == AccountRole.Admin) ?? newest.FirstOrDefault();
        return owner is null ? roles : roles.SetItem(owner.User, AccountRole.Owner);
    }
}
