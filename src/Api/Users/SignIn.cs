using LlmObserve.Api.Http;
using LlmObserve.Api.Sessions;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Domain.Faults;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Users;

/// <summary>Signs a user in with address and password.</summary>
internal sealed class SignIn(UsersStore users, Passwords passwords, SignInGuard guard, OpenSessions sessions, SignInMetrics metrics)
{
    /// <summary>More people sign in or up at once than passwords can be hashed.</summary>
    public static readonly Problem Busy = Problems.TooManyRequests("Too many people are signing in at once; try again in a moment.", ShedReasons.SignIn);

    /// <summary>The same for a wrong password and an unknown address.</summary>
    private static readonly Problem s_wrong = Problems.Unauthorized("invalid-login", "The address or the password is wrong.");

    public async Task<(SignedIn? Done, Problem? Refusal)> RunAsync(string email, string password, HttpContext context)
    {
        var (attempt, locked) = await guard.BeginAsync(email, context);
        if (locked is not null)
        {
            metrics.Locked();
            return (null, locked);
        }

        var end = AttemptEnd.Withdrawn;
        UserRow? user;
        bool? fits;
        try
        {
            // What is no address is nobody's, and takes as long as one that is.
            var address = EmailAddress.Normalize("email", email, new List<Fault>());
            user = address is null ? null : await users.FindByEmailAsync(address, context.RequestAborted);
            fits = await passwords.VerifyAsync(user?.PasswordHash, password, context.RequestAborted);
            end = fits switch { true => AttemptEnd.Succeeded, false => AttemptEnd.Failed, null => AttemptEnd.Withdrawn };
        }
        finally
        {
            await guard.EndAsync(attempt, end);
        }

        switch (fits)
        {
            case null:
                metrics.Busy();
                return (null, Busy);
            case true when await sessions.OpenAsync(user!, context) is { } pair:
                metrics.SignedIn();
                return (SignedIn.Of(pair, UserItem.FromRow(user!)), null);
            default:
                metrics.Refused();
                return (null, s_wrong);
        }
    }
}
