using LlmObserve.Api.Callers;

namespace LlmObserve.Api.OpenApi;

/// <summary>The API's own description, at <c>/openapi.json</c>. A copy is in the repository, and a test keeps the two the same.</summary>
internal static class OpenApiFeature
{
    private const string DocumentName = "v1";

    public static IServiceCollection AddDescription(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.AddDocumentTransformer(Document.DescribeAsync);
        options.AddOperationTransformer(Operation.DescribeAsync);
        options.AddSchemaTransformer(Schema.DescribeAsync);
        options.CreateSchemaReferenceId = Schema.NameOf;
    });

    /// <summary>Fixed in the source: it holds no secret, and a reader has no account yet.</summary>
    public static void MapDescription(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi.json").Accept(CallerRule.Anyone);
}
