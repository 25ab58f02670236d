using System.Diagnostics;

namespace LlmObserve.Silo.Telemetry;

/// <summary>
/// Completes the server's spans. ASP.NET Core 10 starts them with method and address but leaves name, route and status to others.
/// </summary>
internal sealed class RequestSpans : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, rest) =>
            Activity.Current is { IsAllDataRequested: true } span ? DescribeAsync(span, context, rest) : rest(context));
        next(app);
    };

    private static async Task DescribeAsync(Activity span, HttpContext context, RequestDelegate rest)
    {
        try
        {
            await rest(context);
        }
        finally
        {
            var method = context.Request.Method;
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            span.DisplayName = route is null ? method : $"{method} {route}";
            span.SetTag("http.route", route);
            span.SetTag("http.response.status_code", context.Response.StatusCode);
            if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            {
                span.SetStatus(ActivityStatusCode.Error);
            }
        }
    }
}
