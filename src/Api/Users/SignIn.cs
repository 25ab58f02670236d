using LlmObserve.Api.Http;
using LlmObserve.Api.Sessions;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Users;

/// <summary>Signs a user in with address and password.</summary>
internal sealed class SignIn(UsersStore users, Passwords passwords, OpenSessions sessions)
{
    /// <summary>More people sign in or up at once than passwords can be hashed.</summary>
    public static readonly Problem Busy = Problems.TooManyRequests("Too many people are signing in at once; try again in a moment.", ShedReasons.SignIn);

    /// <summary>The same for a wrong password and an unknown address.</summary>
    private static readonly Problem s_wrong = Problems.Unauthorized("invalid-login", "The address or the password is wrong.");

    public async Task<(SignedIn? Done, Problem? Refusal)> RunAsync(string email, string password, HttpContext context)
    {
        // What is no address is nobody's, and takes as long as one that is.
        var address = EmailAddress.Normalize("email", email, new List<Fault>());
        var user = address is null ? null : await users.FindByEmailAsync(address, context.RequestAborted);
        return await passwords.VerifyAsync(user?.PasswordHash, password, context.RequestAborted) switch
        {
            null => (null, Busy),
            false => (null, s_wrong),
            _ => (SignedIn.Of(await sessions.OpenAsync(user!, context), UserItem.FromRow(user!)), null),
        };
    }
}
