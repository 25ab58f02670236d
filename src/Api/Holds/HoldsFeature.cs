using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Holds;

namespace LlmObserve.Api.Holds;

/// <summary>Holds: money set aside before it is spent. docs/holds.md is for who uses them.</summary>
internal static class HoldsFeature
{
    public static IServiceCollection AddHolds(this IServiceCollection services) =>
        services.AddSingleton<HoldCheckEndpoint>().AddSingleton<HoldsEndpoints>().AddJson(HoldsJson.Default);

    public static void MapHolds(this IEndpointRouteBuilder app)
    {
        var caps = app.MapGroup("/caps").Accept(CallerRule.SessionOrKey(ApiScope.Check).AtLeast(AccountRole.Member)).WithTags("Holds");
        caps.MapPost("/check", (HoldCheckEndpoint endpoint, Caller caller, HttpContext context) => endpoint.CheckAsync(caller, context))
            .WithBody<HoldCheckBody>("The call, and the most that it may use.")
            .WithHeader(IdempotencyKey.Header, $"The client's own name for this request, at most {HoldLimits.MaxKeyLength} printable characters: sent again, it gets the same hold.")
            .WithSummary("Whether a call may be made now; if so, holds the most that it may cost on every hard cap that matches. A denial is answered with 200 too.");
        caps.MapGet("/holds", (HoldsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ListAsync(caller, context))
            .WithQuery(
                new QueryParameter("limit", "How many.", Max: HoldsEndpoints.MaxHolds, Default: HoldsEndpoints.DefaultHolds),
                new QueryParameter("cursor", "The next_cursor of the page before."))
            .Accept(CallerRule.SessionOrKey(ApiScope.Read))
            .WithSummary("Open holds, those that expire first first.");
        caps.MapGet("/holds/{id}", (string id, HoldsEndpoints endpoints, Caller caller) => endpoints.GetAsync(id, caller))
            .Accept(CallerRule.SessionOrKey(ApiScope.Check))
            .WithSummary("One hold, open or ended within the hour.");
        caps.MapPost("/holds/{id}/extend", (string id, HoldsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ExtendAsync(id, caller, context))
            .WithBody<HoldTimeBody>("How much longer.")
            .WithSummary("Keeps a hold for some time from now on, never shorter than it was.");
        caps.MapDelete("/holds/{id}", (string id, HoldsEndpoints endpoints, Caller caller) => endpoints.ReleaseAsync(id, caller))
            .WithSummary("Gives a hold's amount back. A hold that has ended already stays as it is.");
    }
}
