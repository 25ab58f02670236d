using LlmObserve.Api.Callers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LlmObserve.Api.OpenApi;

/// <summary>What the description says of the API as a whole.</summary>
internal static class Document
{
    /// <summary>The name of the one way to say who calls.</summary>
    public const string Bearer = "bearer";

    public static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "LLMObserve",
            Version = "1",
            Description =
                "Prices, counts and caps what a program spends on language models and other services. Money is in US dollars as JSON numbers "
                + "with up to nine decimals; times are RFC 3339 in UTC. A route answers with and without a trailing slash. Every error is a "
                + "problem document (RFC 9457) with a stable code, and lists every fault that was found.",
        };

        // Depends on how the reader reached the server.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = $"An API key (llmo_sk_…) with the scope that a route asks for ({ApiScopes.Known}), or the token of a signed-in user.",
        };
        return Task.CompletedTask;
    }
}
