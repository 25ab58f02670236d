using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Domain.Keys;
using LlmObserve.Grains.Interfaces.Keys;

namespace LlmObserve.Api.Callers;

/// <summary>Adds what finds out who calls.</summary>
internal static class CallersFeature
{
    public static IServiceCollection AddCallers(this IServiceCollection services, ApiOptions options)
    {
        services.AddSingleton(provider => new SessionTokens(options.SessionSecret.Span, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new KnownKeys(
            hash => ResolveAsync(provider.GetRequiredService<GrainCalls>(), hash), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CallerAuthentication>();
        return services;
    }

    private static async Task<Caller?> ResolveAsync(GrainCalls calls, ApiKeyHash hash) =>
        await calls.RepeatAsync<IApiKeyGrain, ApiKeyGrant?>(hash.Value, key => key.ResolveAsync()) is { } grant
            ? Caller.OfKey(
                grant.Account,
                grant.User,
                grant.KeyId,
                ApiScopes.FromWords(grant.Scopes),
                grant.Prefix,
                grant.ExpiresAt,
                AllowedNetworks.FromStored(grant.AllowedIps))
            : null;
}
