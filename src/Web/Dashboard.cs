using LlmObserve.Web.Api;
using LlmObserve.Web.Clerk;
using LlmObserve.Web.Components;
using LlmObserve.Web.Passages;
using LlmObserve.Web.Sessions;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace LlmObserve.Web;

/// <summary>The dashboard's services and pages.</summary>
public static class Dashboard
{
    /// <summary>Adds what the pages need.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="api">Where this process reaches the API.</param>
    /// <param name="clerk">The instance by which people sign in; null where they have passwords here.</param>
    public static IServiceCollection AddDashboard(this IServiceCollection services, Uri api, ClerkSite? clerk)
    {
        services.AddSingleton(provider => new ApiStatus(api, provider.GetRequiredService<TimeProvider>()));
        services.AddHttpContextAccessor();
        services.AddSingleton(provider => new ApiClient(
            new HttpClient { BaseAddress = api, Timeout = ApiClient.Patience }, provider.GetRequiredService<IHttpContextAccessor>()));
        services.AddScoped<VisitSource>();
        services.AddSingleton(new SignInWay(clerk));
        services.AddSessionCookie(clerkSignsIn: clerk is not null);
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents();
        return services;
    }

    private static async Task ShowTroubleAsync(HttpContext context)
    {
        // A page that failed has used the request's services up: they serve one rendering.
        var used = context.RequestServices;
        await using var scope = used.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        context.Response.Headers.Remove("blazor-enhanced-nav");
        try
        {
            var status = context.Response.StatusCode;
            await new RazorComponentResult<Trouble>(new { Status = status }) { StatusCode = status }.ExecuteAsync(context);
        }
        finally
        {
            context.RequestServices = used;
        }
    }

    /// <summary>Maps the pages and their files.</summary>
    public static WebApplication MapDashboard(this WebApplication app)
    {
        var clerk = app.Services.GetRequiredService<SignInWay>().Clerk;
        app.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = PagePolicy.Of(clerk, context.Request.Path);
            context.Response.Headers.XContentTypeOptions = "nosniff";
            // Links in mails carry tokens: no other page learns where a person came from.
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            context.Response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            if (context.Request.IsHttps)
            {
                context.Response.Headers.StrictTransportSecurity = "max-age=31536000";
            }

            context.Response.OnStarting(static state =>
            {
                // Pages are a person's own, and some show a key once; files keep what they say of themselves.
                var response = (HttpResponse)state;
                if (response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
                {
                    response.Headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            }, context.Response);
            return next(context);
        });
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = ShowTroubleAsync, CreateScopeForErrors = true });
        app.UseStatusCodePages(status => ShowTroubleAsync(status.HttpContext));
        app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false })
            {
                // The framework refuses a page's form with a type and no content, which nobody would take for an answer without a page.
                context.Response.ContentType = null;
            }
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapSignOut();
        app.MapPassages();
        app.MapRazorComponents<App>();
        return app;
    }
}
