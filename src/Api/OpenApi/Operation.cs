using System.Globalization;
using System.Text.Json.Nodes;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
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
        operation.OperationId ??= NameOf(context.Description.HttpMethod!, context.Description.RelativePath!);
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

        foreach (var other in metadata.OfType<OtherContent>())
        {
            operation.Responses["200"].Content?.Add(other.ContentType, new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
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
            var content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
            foreach (var type in body.ContentTypes)
            {
                // One a line: what is described is a line.
                var shape = type == MediaTypes.JsonLines ? body.Type.GetElementType() ?? body.Type : body.Type;
                content[type] = new OpenApiMediaType { Schema = await SchemaOfAsync(shape, context, cancellationToken) };
            }

            operation.RequestBody = new OpenApiRequestBody { Description = body.Description, Required = true, Content = content };
        }
    }

    /// <summary>get_caps_id for GET /caps/{id}: generated clients name their methods by it.</summary>
    private static string NameOf(string method, string path) =>
        $"{method.ToLowerInvariant()}_{path.Trim('/').Replace('/', '_').Replace('-', '_').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}";

    private static string WhoMayCall(CallerRule rule) => (rule.AcceptsSession, rule.KeyScope) switch
    {
        (true, ApiScope.None) => $"{SignedInUsers(rule)} only.",
        (true, _) => $"{SignedInUsers(rule)}, and API keys with the scope {rule.KeyScope.ToWord()}.",
        _ => $"API keys with the scope {rule.KeyScope.ToWord()}.",
    };

    private static string SignedInUsers(CallerRule rule) => rule.LeastRole switch
    {
        AccountRole.Viewer => "Signed-in users",
        AccountRole.Owner => "Signed-in users with the role owner in the account",
        var role => $"Signed-in users with the role {role.ToWire()} in the account or above",
    };

    private static OpenApiParameter ToParameter(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Description = parameter.Description,
        Schema = new OpenApiSchema
        {
            Type = parameter.Max is null ? JsonSchemaType.String : JsonSchemaType.Integer,
            Format = parameter.Format,
            Minimum = parameter.Max is null ? null : "1",
            Maximum = parameter.Max?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is { } value ? JsonValue.Create(value) : null,
            Enum = parameter.Words is { } words ? [.. words.Select(word => JsonValue.Create(word))] : null,
        },
    };

    /// <summary>The schema by name, so that the description holds it once.</summary>
    private static async Task<IOpenApiSchema> SchemaOfAsync(Type type, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (type.GetElementType() is { } item)
        {
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = await SchemaOfAsync(item, context, cancellationToken) };
        }

        var schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken);
        if (Schema.NameOf(type) is not { } name)
        {
            return schema;
        }

        context.Document!.AddComponent(name, schema);
        return new OpenApiSchemaReference(name, context.Document);
    }
}
