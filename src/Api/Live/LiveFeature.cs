using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;

namespace LlmObserve.Api.Live;

/// <summary>Tells pages and programs that something of their account has changed, as it happens.</summary>
internal static class LiveFeature
{
    private const string ContentType = "text/event-stream";

    public static IServiceCollection AddLive(this IServiceCollection services) =>
        services.AddSingleton<LiveMetrics>().AddSingleton<LiveAccounts>().AddSingleton<LiveEndpoint>().AddJson(LiveJson.Default);

    public static void MapLive(this IEndpointRouteBuilder app)
    {
        RequestDelegate stream = context =>
        {
            context.Response.ContentType = ContentType;
            return context.RequestServices.GetRequiredService<LiveEndpoint>().StreamAsync(context);
        };
        app.MapGet("/live", stream).WithTags("Live").Accept(CallerRule.SessionOrKey(ApiScope.Read))
            .WithMetadata(stream.Method, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(LiveAnswer), [ContentType]))
            .WithSummary("A stream of server-sent events that say when figures have changed.")
            .WithDescription(
                "First an event hello, then an event change at most once a second, each with this JSON as its data and last_seq as its id. A comment "
                + "every 15 seconds keeps the connection open. The stream ends when the credential does.");
    }
}
