using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;

namespace LlmObserve.Api.Callers;

/// <summary>
/// Who makes a request: an API key or a signed-in user, and the one account that the request may see. Handlers take it as a parameter; whatever
/// they read or change is found through <see cref="Account"/> and nothing that the request says.
/// </summary>
public sealed class Caller
{
    private Caller(AccountId account, UserId? user, Guid? keyId, ApiScope scopes)
    {
        Account = account;
        AccountKey = account.ToString();
        User = user;
        KeyId = keyId;
        Scopes = scopes;
    }

    public AccountId Account { get; }

    /// <summary>The account's id as grains are keyed by it; made once, since every request of a key needs it.</summary>
    public string AccountKey { get; }

    /// <summary>The signed-in user, or who made the key where that is known.</summary>
    public UserId? User { get; }

    /// <summary>The public id of the API key; null for a session.</summary>
    public Guid? KeyId { get; }

    public ApiScope Scopes { get; }

    public bool IsSession => KeyId is null;

    /// <summary>Binds handler parameters of this type.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(context.Caller());

    internal static Caller OfKey(AccountId account, UserId? user, Guid keyId, ApiScope scopes) => new(account, user, keyId, scopes);

    internal static Caller OfSession(AccountId account, UserId user) => new(account, user, null, ApiScope.All);
}

/// <summary>The caller of a request.</summary>
public static class CallerOfRequest
{
    /// <summary>The caller; only where the endpoint has a <see cref="CallerRule"/> that asks for one.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException($"{context.Request.Path} does not ask for a caller.");
}
