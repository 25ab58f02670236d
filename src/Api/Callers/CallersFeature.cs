using LlmObserve.Api.Keys;
using LlmObserve.Domain.Keys;
using LlmObserve.Grains.Interfaces.Keys;
using Orleans;

namespace LlmObserve.Api.Callers;

/// <summary>Adds what finds out who calls.</summary>
internal static class CallersFeature
{
    public static IServiceCollection AddCallers(this IServiceCollection services, ApiOptions options)
    {
        services.AddSingleton(provider => new SessionTokens(options.SessionSecret.Span, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new KnownKeys(
            hash => ResolveAsync(provider.GetRequiredService<IGrainFactory>(), hash), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CallerAuthentication>();
        return services;
    }

    private static async Task<Caller?> ResolveAsync(IGrainFactory grains, ApiKeyHash hash) =>
        await grains.GetGrain<IApiKeyGrain>(hash.Value).ResolveAsync() is { } grant
            ? Caller.OfKey(grant.Account, grant.User, grant.KeyId, ApiScopes.FromWords(grant.Scopes))
            : null;
}
