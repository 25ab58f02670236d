using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Callers;

/// <summary>Who may call an endpoint. A route without a rule answers nobody.</summary>
public sealed record CallerRule
{
    private CallerRule()
    {
    }

    /// <summary>Everybody, without any credentials.</summary>
    public static CallerRule Anyone { get; } = new() { AcceptsAnyone = true };

    /// <summary>Everybody, as often as they like: what asks whether the process lives must not be told to come back later.</summary>
    public static CallerRule Probe { get; } = new() { AcceptsAnyone = true, IsUnlimited = true };

    /// <summary>Signed-in users only.</summary>
    public static CallerRule Session { get; } = new() { AcceptsSession = true };

    internal bool AcceptsAnyone { get; private init; }

    internal bool IsUnlimited { get; private init; }

    /// <summary>Checks come before every call that a customer's program makes: nothing is added to their answers that nobody needs.</summary>
    internal bool IsAskedWithEveryCall => KeyScope == ApiScope.Check;

    /// <summary>What a signed-in user must be in the account.</summary>
    internal AccountRole LeastRole { get; private init; } = AccountRole.Viewer;

    internal bool AcceptsSession { get; private init; }

    /// <summary>What an API key must be allowed to do; <see cref="ApiScope.None"/> where no key will do.</summary>
    internal ApiScope KeyScope { get; private init; }

    /// <summary>API keys with this scope only.</summary>
    public static CallerRule Key(ApiScope scope) => new() { KeyScope = scope };

    /// <summary>Signed-in users, and API keys with this scope.</summary>
    public static CallerRule SessionOrKey(ApiScope scope) => new() { AcceptsSession = true, KeyScope = scope };

    /// <summary>The same, but a signed-in user must be at least this in the account. Keys go by their scopes.</summary>
    public CallerRule AtLeast(AccountRole role) =>
        new() { AcceptsAnyone = AcceptsAnyone, IsUnlimited = IsUnlimited, AcceptsSession = AcceptsSession, KeyScope = KeyScope, LeastRole = role };
}

/// <summary>Puts a <see cref="CallerRule"/> on a route or a group; a route's own rule wins over its group's.</summary>
public static class CallerRuleOfRoutes
{
    public static T Accept<T>(this T routes, CallerRule rule)
        where T : IEndpointConventionBuilder
    {
        routes.WithMetadata(rule);
        return routes;
    }
}
