using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Users;

/// <summary>Signs a user in with address and password.</summary>
internal sealed class SignIn(UsersStore users, Passwords passwords, SessionTokens sessions)
{
    /// <summary>More people sign in or up at once than passwords can be hashed.</summary>
    public static readonly Problem Busy = Problems.TooManyRequests("Too many people are signing in at once; try again in a moment.", ShedReasons.SignIn);

    /// <summary>The same for a wrong password and an unknown address.</summary>
    private static readonly Problem s_wrong = Problems.Unauthorized("invalid-login", "The address or the password is wrong.");

    public async Task<(SignedIn? Done, Problem? Refusal)> RunAsync(string email, string password, CancellationToken cancellationToken)
    {
        // What is no address is nobody's, and takes as long as one that is.
        var address = EmailAddress.Normalize("email", email, new List<Fault>());
        var user = address is null ? null : await users.FindByEmailAsync(address, cancellationToken);
        return await passwords.VerifyAsync(user?.PasswordHash, password, cancellationToken) switch
        {
            null => (null, Busy),
            false => (null, s_wrong),
            _ => (new SignedIn(sessions.Create(new SessionClaims(user!.Id, user.PersonalAccount)), UserItem.FromRow(user)), null),
        };
    }
}
