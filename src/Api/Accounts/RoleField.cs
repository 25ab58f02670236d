using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Accounts;

/// <summary>The field <c>role</c> of a body.</summary>
internal static class RoleField
{
    public const string Name = "role";

    /// <summary>One of these roles; meaningful where the fields have no fault.</summary>
    public static AccountRole Read(JsonFields fields, params ReadOnlySpan<AccountRole> among)
    {
        var words = new (string Word, AccountRole Value)[among.Length];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (among[i].ToWire(), among[i]);
        }

        if (fields.Word(Name, words) is { } role)
        {
            return role;
        }

        if (!fields.IsGiven(Name))
        {
            fields.Add(Name, FaultCodes.Required, "is required");
        }

        return default;
    }
}
