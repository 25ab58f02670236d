using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Api.Sessions;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Api.Users.Links;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Users;

namespace LlmObserve.Api.Users;

/// <summary>What a person says at sign-up; meaningful where the fields have no fault.</summary>
internal sealed record SignUpForm(string Email, string Password, string? Name, string UserType)
{
    /// <summary>A line of text.</summary>
    public const int MaxNameLength = 200;

    /// <summary>A word or two.</summary>
    public const int MaxUserTypeLength = 64;

    /// <summary>What the store has for a person who does not say.</summary>
    public const string DefaultUserType = "solo_dev";

    public static SignUpForm Read(JsonFields fields)
    {
        var typed = fields.RequiredText("email", EmailAddress.MaxLength);
        var password = fields.RequiredText("password", Passwords.MaxLength);
        var faults = new List<Fault>();
        var email = typed.Length == 0 ? null : EmailAddress.Normalize("email", typed, faults);
        faults.ForEach(fields.Add);
        Passwords.Judge(fields, "password", password, typed);
        var name = fields.OptionalText("name", MaxNameLength)?.Trim();
        var userType = fields.OptionalText("user_type", MaxUserTypeLength)?.Trim();
        return new SignUpForm(
            email ?? "",
            password,
            string.IsNullOrEmpty(name) ? null : name,
            string.IsNullOrEmpty(userType) ? DefaultUserType : userType);
    }
}

/// <summary>Makes a user with their personal account and first API key.</summary>
internal sealed class SignUp(
    UsersStore users, Passwords passwords, SignInGuard guard, AccountKeys keys, OpenSessions sessions, LinkMails links, TimeProvider time)
{
    /// <summary>What the key of a sign-up is called.</summary>
    public const string FirstKeyName = "Default API key";

    /// <summary>What the store gives a person who signs up.</summary>
    private const string FirstTier = "free";

    public async Task<(SignedUp? Done, Problem? Refusal)> RunAsync(SignUpForm form, HttpContext context)
    {
        if (await guard.SignUpAsync(context) is { } tooMany)
        {
            return (null, tooMany);
        }

        if (await passwords.HashAsync(form.Password, context.RequestAborted) is not { } hash)
        {
            return (null, SignIn.Busy);
        }

        var (id, account) = (UserId.New(), AccountId.New());
        var user = new NewUser(id, form.Email, hash, form.Name, form.UserType, account, form.Name ?? form.Email, time.GetUtcNow());
        var key = keys.Prepare(account, id, FirstKeyName, ApiScopes.Default);
        var session = sessions.Prepare(id, account, context);
        var audit = new AuditEntry(
            account, user.CreatedAt, context.ActorOf(id, form.Email), AuditActions.UserSignedUp, new AuditObject("user", id.ToString(), form.Email));
        if (!await users.CreateAsync(user, key.Row, session, [audit, KeyAudit.Created(key.Row, audit.Actor)], context.RequestAborted))
        {
            return (null, Problems.Conflict("email-taken", "Somebody has signed up with this address already; sign in instead.") with
            {
                Errors = ImmutableArray.Create(new Fault("email", FaultCodes.Conflict, "email is taken.")),
            });
        }

        // Who signs up and closes again and again must not flood somebody else's address; the link can be asked for later.
        if (await guard.MailToAsync("sign-up", form.Email) is null)
        {
            links.AskToVerify(id);
        }

        var item = new UserItem(id.ToString(), form.Email, form.Name, form.UserType, user.CreatedAt, FirstTier, EmailVerified: false);
        var pair = await sessions.AnnounceAsync(session);
        return (new SignedUp(pair.Token, item, CreatedKey.Of(key.Row, key.Text), pair.RefreshToken, pair.ExpiresAt), null);
    }
}
