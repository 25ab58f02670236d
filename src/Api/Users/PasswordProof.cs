using LlmObserve.Api.Http;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Users;

/// <summary>
/// Asks somebody who is signed in for their password, before what cannot be taken back. Guesses count as at a sign-in: who has got hold of a session
/// must not find out the password with it.
/// </summary>
internal sealed class PasswordProof(Passwords passwords, SignInGuard guard)
{
    public static readonly Problem Wrong = Problems.Forbidden("wrong-password", "The password is wrong.");

    /// <summary>Why not, or null where the password is right.</summary>
    /// <param name="user">Who has a password.</param>
    /// <param name="password">As they typed it.</param>
    /// <param name="context">The request.</param>
    public async Task<Problem?> CheckAsync(UserRow user, string password, HttpContext context)
    {
        var (attempt, locked) = await guard.BeginAsync(user.Email ?? user.Id.ToString(), context);
        if (locked is not null)
        {
            return locked;
        }

        var end = AttemptEnd.Withdrawn;
        try
        {
            switch (await passwords.VerifyAsync(user.PasswordHash, password, context.RequestAborted))
            {
                case null:
                    return SignIn.Busy;
                case false:
                    end = AttemptEnd.Failed;
                    return Wrong;
                default:
                    end = AttemptEnd.Succeeded;
                    return null;
            }
        }
        finally
        {
            await guard.EndAsync(attempt, end);
        }
    }
}
