namespace LlmObserve.Domain.Accounts;

/// <summary>What stands against a change of an account's members.</summary>
public enum MemberFault
{
    None = 0,

    /// <summary>Who asks for it is not enough in the account.</summary>
    MissingRole,

    /// <summary>Nobody would be left who owns the account.</summary>
    LastOwner,

    /// <summary>A personal account has one owner, the person whose it is, and keeps them.</summary>
    PersonalAccount,
}

/// <summary>A member of an account, as far as rules go.</summary>
/// <param name="Role">What they are.</param>
/// <param name="IsPerson">Whether it is their personal account.</param>
public readonly record struct MemberPlace(AccountRole Role, bool IsPerson);

/// <summary>
/// Who may change an account's members, and what must stay. Admins manage everybody but owners, owners everybody; everybody may leave.
/// An account always has an owner.
/// </summary>
/// <param name="Owners">How many owners the account has.</param>
/// <param name="IsPersonal">Whether it is somebody's personal account.</param>
public readonly record struct MemberRules(int Owners, bool IsPersonal)
{
    /// <summary>What it takes to give a member with one role another.</summary>
    public static AccountRole LeastToChange(AccountRole from, AccountRole to) =>
        from == AccountRole.Owner || to == AccountRole.Owner ? AccountRole.Owner : AccountRole.Admin;

    /// <summary>What it takes to remove somebody else.</summary>
    public static AccountRole LeastToRemove(AccountRole role) => LeastToChange(role, role);

    /// <summary>A member gets another role.</summary>
    public MemberFault Change(AccountRole by, MemberPlace member, AccountRole to) =>
        by < LeastToChange(member.Role, to) ? MemberFault.MissingRole
        : member.Role == to ? MemberFault.None
        : IsPersonal && (member.IsPerson || to == AccountRole.Owner) ? MemberFault.PersonalAccount
        : IsLastOwner(member) ? MemberFault.LastOwner
        : MemberFault.None;

    /// <summary>A member goes, by their own wish where <paramref name="leaves"/>.</summary>
    public MemberFault Remove(AccountRole by, MemberPlace member, bool leaves) =>
        !leaves && by < LeastToRemove(member.Role) ? MemberFault.MissingRole
        : member.IsPerson ? MemberFault.PersonalAccount
        : IsLastOwner(member) ? MemberFault.LastOwner
        : MemberFault.None;

    /// <summary>An owner hands the account over to another member, and stays as an admin.</summary>
    public MemberFault Transfer(AccountRole by) =>
        by < AccountRole.Owner ? MemberFault.MissingRole : IsPersonal ? MemberFault.PersonalAccount : MemberFault.None;

    private bool IsLastOwner(MemberPlace member) => member.Role == AccountRole.Owner && Owners <= 1;
}
