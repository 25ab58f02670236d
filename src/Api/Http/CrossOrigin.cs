using System.Collections.Immutable;

namespace LlmObserve.Api.Http;

/// <summary>Lets pages of configured origins call the API from a browser. Nobody's where none is configured.</summary>
internal static class CrossOrigin
{
    /// <summary>How long a browser remembers that it may: within that a change of the list is not seen by it.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromMinutes(10);

    /// <summary>
    /// After routing and before anybody asks who calls: a browser's preflight has no credentials. None are ever let through by themselves
    /// (cookies): a page sends its token in a header, which no other page can make it do.
    /// </summary>
    public static void UseCrossOrigin(this IApplicationBuilder app, ImmutableArray<string> origins)
    {
        if (origins.IsEmpty)
        {
            return;
        }

        app.UseCors(policy => policy
            .WithOrigins([.. origins])
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete)
            .AllowAnyHeader()
            .WithExposedHeaders(AnswerHeaders.RequestId, "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
            .SetPreflightMaxAge(s_remembered));
    }
}
