using System.Net;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Keys;
using LlmObserve.Domain.Users;

namespace LlmObserve.Api.Callers;

/// <summary>
/// Who makes a request: an API key or a signed-in user, and the one account that the request may see. Handlers take it as a parameter; whatever
/// they read or change is found through <see cref="Account"/> and nothing that the request says.
/// </summary>
public sealed class Caller
{
    private Caller(AccountId account, UserId? user)
    {
        Account = account;
        AccountKey = account.ToString();
        User = user;
    }

    public AccountId Account { get; }

    /// <summary>The account's id as grains are keyed by it; made once, since every request of a key needs it.</summary>
    public string AccountKey { get; }

    /// <summary>The signed-in user, or who made the key where that is known.</summary>
    public UserId? User { get; }

    /// <summary>The public id of the API key; null for a session.</summary>
    public Guid? KeyId { get; private init; }

    public ApiScope Scopes { get; private init; }

    /// <summary>When the key ends by itself; looked at with every request, however long ago the key was looked up.</summary>
    internal DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>From where the key may be used; null: from everywhere. Read once for all requests of the key.</summary>
    internal AllowedNetworks? AllowedNetworks { get; private init; }

    /// <summary>What the signed-in user is in the account; null for a key, which goes by its scopes.</summary>
    public AccountRole? Role { get; private init; }

    /// <summary>Which of the user's sessions; null for a key, and for a user whose sessions are kept elsewhere.</summary>
    public Guid? Session { get; private init; }

    /// <summary>The user's address or the key's prefix: for the audit log.</summary>
    public string? Name { get; private init; }

    public bool IsSession => KeyId is null;

    /// <summary>Binds handler parameters of this type.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(context.Caller());

    internal static Caller OfKey(
        AccountId account,
        UserId? user,
        Guid keyId,
        ApiScope scopes,
        string prefix,
        DateTimeOffset? expiresAt = null,
        AllowedNetworks? allowedNetworks = null) =>
        new(account, user) { KeyId = keyId, Scopes = scopes, Name = prefix, ExpiresAt = expiresAt, AllowedNetworks = allowedNetworks };

    internal static Caller OfSession(AccountId account, UserId user, AccountRole role, Guid? session, string? email) =>
        new(account, user) { Scopes = ApiScope.All, Role = role, Session = session, Name = email };
}

/// <summary>The caller of a request.</summary>
public static class CallerOfRequest
{
    /// <summary>The caller; only where the endpoint has a <see cref="CallerRule"/> that asks for one.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException($"{context.Request.Path} does not ask for a caller.");

    /// <summary>The caller as the audit log names them.</summary>
    public static Actor Actor(this HttpContext context)
    {
        var caller = context.Caller();
        return caller.KeyId is { } key
            ? new Actor(ActorKind.ApiKey, key.ToString("N"), caller.Name, context.Ip(), context.TraceIdentifier)
            : context.ActorOf(caller.User!.Value, caller.Name);
    }

    /// <summary>Somebody who signs up or in by this request.</summary>
    public static Actor ActorOf(this HttpContext context, UserId user, string? email) =>
        new(ActorKind.User, user.ToString(), email, context.Ip(), context.TraceIdentifier);

    /// <summary>Where the request came from, in the shorter notation where an IPv4 address came over an IPv6 socket.</summary>
    public static string? Ip(this HttpContext context) => context.RemoteIp()?.ToString();

    /// <inheritdoc cref="Ip"/>
    internal static IPAddress? RemoteIp(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;
}
