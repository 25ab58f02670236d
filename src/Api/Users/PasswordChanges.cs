using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Sessions;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Api.Users.Links;
using LlmObserve.Domain.Audit;
using LlmObserve.Grains.Interfaces.Users;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Users;

/// <summary>Proves addresses and sets passwords.</summary>
internal sealed class PasswordChanges(
    CredentialsStore credentials, UsersStore users, Passwords passwords, PasswordProof proof, SignInGuard guard, OpenSessions sessions, TimeProvider time)
{
    /// <summary>The same for a link that was used, that is too old, and that nobody was sent.</summary>
    private static readonly Problem s_linkOver = new(
        StatusCodes.Status410Gone, "link-over", "The link does not work any more", "The link was used already, is too old, or is not complete; ask for a new one.");

    private static readonly Problem s_none = Problems.Conflict("no-password", "You sign in elsewhere and have no password here.");

    /// <summary>Uses a link up that proves an address; what is wrong with it, if anything.</summary>
    public async Task<Problem?> VerifyAsync(string token, HttpContext context)
    {
        var owner = await credentials.VerifyAsync(
            LinkToken.Hash(token), time.GetUtcNow(), owner => Audit(owner, context, AuditActions.UserVerified), context.RequestAborted);
        if (owner is null)
        {
            return s_linkOver;
        }

        await sessions.TellAsync(owner.User);
        return null;
    }

    /// <summary>Uses a link up that sets a password; what is wrong with it, if anything.</summary>
    public async Task<Problem?> ResetAsync(string token, string password, HttpContext context)
    {
        // Hashing is what costs here, so guesses at links are held back like guesses at passwords.
        var (attempt, locked) = await guard.BeginAsync(address: null, context);
        if (locked is not null)
        {
            return locked;
        }

        var end = AttemptEnd.Withdrawn;
        try
        {
            // Before the link is looked at: how long it takes tells nothing about it.
            if (await passwords.HashAsync(password, context.RequestAborted) is not { } hash)
            {
                return SignIn.Busy;
            }

            var (sha256, now) = (LinkToken.Hash(token), time.GetUtcNow());
            if (await credentials.FindLinkAsync(sha256, LinkPurpose.Reset, now, context.RequestAborted) is not { } found)
            {
                end = AttemptEnd.Failed;
                return s_linkOver;
            }

            if (CommonPasswords.IsCommon(password, found.Email))
            {
                return Problems.Invalid(ImmutableArray.Create(Passwords.TooCommon("password")));
            }

            var owner = await credentials.ResetPasswordAsync(
                sha256, hash, now, owner => Audit(owner, context, AuditActions.PasswordReset), context.RequestAborted);
            if (owner is null)
            {
                return s_linkOver;
            }

            await sessions.TellAsync(owner.User);
            await guard.ClearAsync(owner.Email);
            return null;
        }
        finally
        {
            await guard.EndAsync(attempt, end);
        }
    }

    /// <summary>Changes the caller's password; what is wrong with it, if anything.</summary>
    public async Task<Problem?> ChangeAsync(Caller caller, string current, string password, HttpContext context)
    {
        if (await users.FindAsync(caller.User!.Value, context.RequestAborted) is not { } user)
        {
            return Refusals.EndedSession;
        }

        if (user.PasswordHash is not { } oldHash)
        {
            return s_none;
        }

        if (await proof.CheckAsync(user, current, context) is { } refusal)
        {
            return refusal;
        }

        if (await passwords.HashAsync(password, context.RequestAborted) is not { } newHash)
        {
            return SignIn.Busy;
        }

        var audit = new AuditEntry(
            user.PersonalAccount, time.GetUtcNow(), context.Actor(), AuditActions.PasswordChanged, new AuditObject("user", user.Id.ToString(), user.Email));
        if (!await credentials.ChangePasswordAsync(user.Id, oldHash, newHash, caller.Session, audit, context.RequestAborted))
        {
            return PasswordProof.Wrong;
        }

        await sessions.TellAsync(user.Id);
        return null;
    }

    private AuditEntry Audit(LinkOwner owner, HttpContext context, string action) => new(
        owner.PersonalAccount, time.GetUtcNow(), context.ActorOf(owner.User, owner.Email), action, new AuditObject("user", owner.User.ToString(), owner.Email));
}
