using LlmObserve.Web.Api;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LlmObserve.Web.Sessions;

/// <summary>Signing out: the session ends at the API, and the cookie goes.</summary>
internal static class SignOut
{
    public static void MapSignOut(this IEndpointRouteBuilder app)
    {
        // A form value as a parameter makes the framework check the antiforgery token.
        app.MapPost("/sign-out", async (HttpContext context, ApiClient api, [FromForm] string? everywhere) =>
        {
            await api.PostAsync<DoneAnswer>(everywhere is null ? "/auth/logout" : "/auth/logout-everywhere");
            await context.SignOutAsync();
            ClerkSession.Forget(context);
            return Results.LocalRedirect("/sign-in");
        });
    }
}
