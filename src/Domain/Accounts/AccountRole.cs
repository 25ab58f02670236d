namespace LlmObserve.Domain.Accounts;

/// <summary>What a member may do in an account. Each may what those before it may.</summary>
public enum AccountRole
{
    /// <summary>See figures, runs, caps and members.</summary>
    Viewer = 1,

    /// <summary>Make and change caps and keys.</summary>
    Member,

    /// <summary>Manage members, invitations, other people's keys and settings; read the audit log.</summary>
    Admin,

    /// <summary>Make owners, hand the account over, close it.</summary>
    Owner,
}

/// <summary>The words for roles on the wire and in the store.</summary>
public static class AccountRoles
{
    private static readonly string[] s_words = ["viewer", "member", "admin", "owner"];

    /// <summary>Every word, for messages.</summary>
    public static string Known { get; } = string.Join(", ", s_words);

    /// <summary>The word of a role.</summary>
    public static string ToWire(this AccountRole role) => s_words[(int)role - 1];

    /// <summary>The role of a word; false where there is none.</summary>
    public static bool TryParse(string? word, out AccountRole role)
    {
        role = (AccountRole)(Array.IndexOf(s_words, word) + 1);
        return role != default;
    }

    /// <summary>The role of a stored word. A word that a later version wrote opens no more than a viewer's.</summary>
    public static AccountRole FromStored(string word) => TryParse(word, out var role) ? role : AccountRole.Viewer;
}
