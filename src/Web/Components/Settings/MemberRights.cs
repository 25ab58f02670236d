using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Api;
using LlmObserve.Web.Visits;

namespace LlmObserve.Web.Components.Settings;

/// <summary>What the visitor may do with the members of the account, by the rules that the API goes by.</summary>
internal sealed class MemberRights(Visit visit, IReadOnlyList<MemberAnswer> members)
{
    /// <summary>What somebody can be invited as; owners are made of members.</summary>
    public static readonly IReadOnlyList<AccountRole> Invitable = [AccountRole.Viewer, AccountRole.Member, AccountRole.Admin];

    private static readonly IReadOnlyList<AccountRole> s_roles = [.. Invitable, AccountRole.Owner];

    private readonly MemberRules _rules = new(members.Count(member => RoleOf(member) == AccountRole.Owner), visit.Account.IsPersonal);

    /// <summary>Whether the visitor may go.</summary>
    public bool MayLeave =>
        members.FirstOrDefault(IsVisitor) is { } self && _rules.Remove(visit.Role, PlaceOf(self), leaves: true) == MemberFault.None;

    /// <summary>The roles that the visitor may give a member beside the one they have.</summary>
    public IReadOnlyList<AccountRole> RolesFor(MemberAnswer member) => visit.May(AccountRole.Admin)
        ? [.. s_roles.Where(role => role != RoleOf(member) && _rules.Change(visit.Role, PlaceOf(member), role) == MemberFault.None)]
        : [];

    /// <summary>Whether the visitor may take out somebody else.</summary>
    public bool MayRemove(MemberAnswer member) =>
        !IsVisitor(member) && _rules.Remove(visit.Role, PlaceOf(member), leaves: false) == MemberFault.None;

    /// <summary>Whether the visitor may make somebody else the owner in their place.</summary>
    public bool MayHandOverTo(MemberAnswer member) => !IsVisitor(member) && _rules.Transfer(visit.Role) == MemberFault.None;

    public bool MayAnything(MemberAnswer member) => RolesFor(member).Count > 0 || MayRemove(member) || MayHandOverTo(member);

    private bool IsVisitor(MemberAnswer member) => member.UserId == visit.User.Id;

    // Of a personal account only its person sees that it is one.
    private MemberPlace PlaceOf(MemberAnswer member) => new(RoleOf(member), visit.Account.IsPersonal && IsVisitor(member));

    private static AccountRole RoleOf(MemberAnswer member) => AccountRoles.FromStored(member.Role);
}
