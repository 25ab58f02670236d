using LlmObserve.Api.Accounts;
using LlmObserve.Api.Audit;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Caps;
using LlmObserve.Api.Clerk;
using LlmObserve.Api.Customers;
using LlmObserve.Api.Events;
using LlmObserve.Api.Health;
using LlmObserve.Api.Holds;
using LlmObserve.Api.Http;
using LlmObserve.Api.Keys;
using LlmObserve.Api.Limits;
using LlmObserve.Api.Live;
using LlmObserve.Api.OpenApi;
using LlmObserve.Api.Prices;
using LlmObserve.Api.Runs;
using LlmObserve.Api.Sessions;
using LlmObserve.Api.Stats;
using LlmObserve.Api.Users;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmObserve.Api;

/// <summary>The API as the program sees it. README.md beside this file says how a feature plugs in.</summary>
public static class ApiComposition
{
    /// <summary>The meter of everything that this project measures.</summary>
    public const string MeterName = "LlmObserve.Api";

    /// <summary>Adds everything that the routes need, except the grains, the stores and what sends mails.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services, ApiOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<ShedMetrics>();
        services.AddSingleton(options.Edge);
        services.AddSingleton(_ => new CallerLimits(options.Edge.RateLimits));
        services.AddRouting();
        services.AddCors();
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = BodyLimit.DefaultBytes);
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddSingleton<GrainCalls>();
        services.AddCallers(options);
        services.AddHealth();
        services.AddUsers();
        services.AddSessions(options);
        services.AddAccounts();
        services.AddPasswords(options);
        services.AddKeys(options);
        services.AddClerk(options.Clerk);
        services.AddEvents();
        services.AddCaps();
        services.AddHolds();
        services.AddPrices();
        services.AddCustomers();
        services.AddRuns();
        services.AddStats();
        services.AddLive();
        services.AddAudit();
        services.AddDescription();
        return services;
    }

    /// <summary>Puts the API's pipeline and routes on an application of its own.</summary>
    public static WebApplication MapApi(this WebApplication app)
    {
        var edge = app.Services.GetRequiredService<EdgeOptions>();
        edge.Proxies.Use(app);
        app.UseMiddleware<AnswerHeaders>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseCrossOrigin(edge.CorsOrigins);
        app.UseMiddleware<CallerMiddleware>();
        app.MapHealth();
        app.MapUsers();
        app.MapSessions();
        app.MapAccounts();
        app.MapPasswords();
        app.MapKeys();
        app.MapUnseenKeys();
        app.MapClerk();
        app.MapEvents();
        app.MapCaps();
        app.MapHolds();
        app.MapPrices();
        app.MapCustomers();
        app.MapRuns();
        app.MapStats();
        app.MapLive();
        app.MapAudit();
        app.MapDescription();
        return app;
    }
}
