using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Caps;

/// <summary>Spending caps: what they are, where they stand, and whether a call may be made.</summary>
internal static class CapsFeature
{
    public static IServiceCollection AddCaps(this IServiceCollection services)
    {
        services.AddSingleton<CheckMetrics>();
        services.AddSingleton<CapCheckEndpoint>();
        services.AddSingleton<CapsEndpoints>();
        services.AddSingleton<CapPreviewEndpoint>();
        services.AddSingleton<CheckSettings>();
        return services.AddJson(CapsJson.Default);
    }

    public static void MapCaps(this IEndpointRouteBuilder app)
    {
        // Found once, not in a scope of each request: a check is asked before every call of every customer.
        var check = new Lazy<CapCheckEndpoint>(app.ServiceProvider.GetRequiredService<CapCheckEndpoint>);
        var caps = app.MapGroup("/caps").Accept(CallerRule.SessionOrKey(ApiScope.Manage)).WithTags("Caps");
        var change = CallerRule.SessionOrKey(ApiScope.Manage).AtLeast(AccountRole.Member);
        RequestDelegate checkAsync = context => check.Value.CheckAsync(context);
        caps.MapGet("/check", checkAsync)
            .WithAnswer<CapCheckAnswer>(checkAsync)
            .WithQuery(
                new QueryParameter("provider", "The provider of the call."),
                new QueryParameter("model", "Its model, in any of its names."),
                new QueryParameter("customer_id", "The customer it is for."),
                new QueryParameter("agent", "The agent that makes it: its name, agent:NAME or a section path."))
            .Accept(CallerRule.SessionOrKey(ApiScope.Check))
            .WithSummary("Whether a call may be made now. A denial is answered with 200 too.");
        caps.MapPost("/", (CapsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.CreateAsync(caller, context))
            .WithBody<NewCapBody>("The cap.")
            .Accept(change)
            .WithSummary("Makes a cap. It counts the whole current period, also what was spent before.");
        caps.MapPost("/preview", (CapPreviewEndpoint endpoint, Caller caller, HttpContext context) => endpoint.PreviewAsync(caller, context))
            .WithBody<CapPreviewBody>("The cap, and how far back to look.")
            .WithSummary("What a cap would have seen over the last days. It is not made, and nothing changes.");
        caps.MapGet("/", (CapsEndpoints endpoints, Caller caller) => endpoints.ListAsync(caller))
            .WithSummary("All caps, oldest first.");
        caps.MapGet("/alerts", (CapsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ListAlertsAsync(caller, context))
            .WithQuery(new QueryParameter("limit", "How many.", Max: CapsEndpoints.MaxAlerts, Default: CapsEndpoints.DefaultAlerts))
            .WithSummary("Thresholds that were crossed, newest first.");
        caps.MapGet("/settings", (CheckSettings settings, Caller caller) => settings.GetAsync(caller))
            .WithSummary("What the account's checks go by.");
        caps.MapPatch("/settings", (CheckSettings settings, Caller caller, HttpContext context) => settings.ChangeAsync(caller, context))
            .WithBody<CheckSettingsBody>("What to change.")
            // No key: members make keys with the scope manage, and this is for admins.
            .Accept(CallerRule.Session.AtLeast(AccountRole.Admin))
            .WithSummary("Changes what the account's checks go by: only the fields that are sent.");
        caps.MapGet("/{id}", (string id, CapsEndpoints endpoints, Caller caller) => endpoints.GetAsync(id, caller))
            .WithSummary("One cap.");
        caps.MapPatch("/{id}", (string id, CapsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ChangeAsync(id, caller, context))
            .WithBody<CapChangeBody>("What to change.")
            .Accept(change)
            .WithSummary("Changes a cap: only the fields that are sent.");
        caps.MapDelete("/{id}", (string id, CapsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.DeleteAsync(id, caller, context))
            .Accept(change)
            .WithSummary("Removes a cap.");
    }
}
