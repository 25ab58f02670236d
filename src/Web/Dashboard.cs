using LlmObserve.Web.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Web;

/// <summary>The dashboard's services and pages.</summary>
public static class Dashboard
{
    // The page runs its own files only and asks nobody else for anything.
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Adds what the pages need.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="api">Where this process reaches the API.</param>
    public static IServiceCollection AddDashboard(this IServiceCollection services, Uri api)
    {
        services.AddSingleton(provider => new ApiStatus(api, provider.GetRequiredService<TimeProvider>()));
        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        return services;
    }

    /// <summary>Maps the pages and their files.</summary>
    public static WebApplication MapDashboard(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "same-origin";
            return next(context);
        });
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>();
        return app;
    }
}
