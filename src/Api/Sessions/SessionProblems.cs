using LlmObserve.Api.Http;

namespace LlmObserve.Api.Sessions;

/// <summary>What goes wrong with sessions.</summary>
internal static class SessionProblems
{
    /// <summary>The same for an account that exists and one that does not.</summary>
    public static readonly Problem NoSuchAccount = Problems.NotFound("You belong to no account with this tenant_id.");

    public static readonly Problem NoSuchSession = Problems.NotFound("You have no session with this id.");

    /// <summary>An identity provider keeps it.</summary>
    public static readonly Problem KeptElsewhere = Problems.Conflict(
        "session-kept-elsewhere", "This session is your identity provider's; switch accounts and sign out there.");
}
