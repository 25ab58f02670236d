using System.Globalization;
using System.Text.Json.Nodes;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LlmObserve.Api.OpenApi;

/// <summary>What the description says of one route: who may call it, what it reads, and how it refuses.</summary>
internal static class Operation
{
    private const string ProblemContent = "application/problem+json";

    public static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var rule = metadata.OfType<CallerRule>().LastOrDefault() ?? CallerRule.Anyone;
        var problem = await SchemaOfAsync(typeof(ProblemDocument), context, cancellationToken);
        operation.Responses ??= [];
        operation.Responses.Remove("400");
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "A problem: what is wrong, all of it.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [ProblemContent] = new() { Schema = problem } },
        };
        if (!rule.AcceptsAnyone)
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Document.Bearer, context.Document)] = [] },
            ];
            operation.Description = $"{operation.Description} {WhoMayCall(rule)}".Trim();
        }

        foreach (var parameter in metadata.OfType<QueryParameter>())
        {
            (operation.Parameters ??= []).Add(ToParameter(parameter));
        }

        foreach (var header in metadata.OfType<RequestHeader>())
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = header.Name,
                In = ParameterLocation.Header,
                Description = header.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        if (metadata.OfType<RequestBody>().LastOrDefault() is { } body)
        {
            var schema = await SchemaOfAsync(body.Type, context, cancellationToken);
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = body.Description,
                Required = true,
                Content = body.ContentTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = schema }, StringComparer.Ordinal),
            };
        }
    }

    private static string WhoMayCall(CallerRule rule) => (rule.AcceptsSession, rule.KeyScope) switch
    {
        (true, ApiScope.None) => "Signed-in users only.",
        (true, _) => $"Signed-in users, and API keys with the scope {rule.KeyScope.ToWord()}.",
        _ => $"API keys with the scope {rule.KeyScope.ToWord()}.",
    };

    private static OpenApiParameter ToParameter(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Description = parameter.Description,
        Schema = new OpenApiSchema
        {
            Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String,
            Format = parameter.Format,
            Minimum = parameter.Max is null ? null : "1",
            Maximum = parameter.Max?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is { } value ? JsonValue.Create(value) : null,
        },
    };

    /// <summary>The schema by name, so that the description holds it once.</summary>
    private static async Task<IOpenApiSchema> SchemaOfAsync(Type type, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken);
        if (Schema.NameOf(type) is not { } name)
        {
            return schema;
        }

        context.Document!.AddComponent(name, schema);
        return new OpenApiSchemaReference(name, context.Document);
    }
}
