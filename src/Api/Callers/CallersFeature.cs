namespace LlmObserve.Api.Callers;

/// <summary>Adds what finds out who calls.</summary>
internal static class CallersFeature
{
    public static IServiceCollection AddCallers(this IServiceCollection services, ApiOptions options)
    {
        services.AddSingleton(provider => new SessionTokens(options.SessionSecret.Span, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CallerAuthentication>();
        return services;
    }
}
