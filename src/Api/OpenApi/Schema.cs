using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using LlmObserve.Domain.Money;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LlmObserve.Api.OpenApi;

/// <summary>What the description says of the shapes of bodies.</summary>
internal static class Schema
{
    /// <summary>Ends the names of records that only describe a request's body.</summary>
    private const string BodyWord = "Body";

    private static readonly string[] InnerWords = ["Answer", "Document"];

    /// <summary>Fills in what converters of our own and annotations of the language say.</summary>
    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(Usd))
        {
            schema.Type = JsonSchemaType.Number;
            schema.Description ??= "US dollars, up to nine decimals.";
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (type == typeof(decimal))
        {
            // Decimals all the way: the framework would call them doubles.
            schema.Format = null;
        }

        if (context.JsonPropertyInfo is { } property)
        {
            schema.Type = IsNullable(property) ? schema.Type | JsonSchemaType.Null : schema.Type & ~JsonSchemaType.Null;
        }
        else if (schema.Properties is { Count: > 0 })
        {
            schema.Required = context.JsonTypeInfo.Properties.Where(IsAlwaysThere).Select(each => each.Name).ToHashSet(StringComparer.Ordinal);
        }

        return Task.CompletedTask;
    }

    /// <summary>A shape's name is that of its record, without the words that only matter inside; null for what is written in place.</summary>
    public static string? NameOf(JsonTypeInfo type) => NameOf(type.Type);

    public static string? NameOf(Type type)
    {
        if (type.IsValueType || type.IsArray || type.Namespace?.StartsWith("LlmObserve", StringComparison.Ordinal) != true)
        {
            return null;
        }

        var plain = type.Name.Split('`')[0];
        var inner = InnerWords.FirstOrDefault(word => plain.Length > word.Length && plain.EndsWith(word, StringComparison.Ordinal));
        var name = inner is null ? plain : plain[..^inner.Length];
        return string.Concat(type.GetGenericArguments().Select(NameOf).Append(name));
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.AttributeProvider is PropertyInfo info && new NullabilityInfoContext().Create(info).ReadState == NullabilityState.Nullable;

    /// <summary>An answer shows every property unless that says otherwise; a body asks only for what it says it needs.</summary>
    private static bool IsAlwaysThere(JsonPropertyInfo property) =>
        property.IsRequired
        || (property.AttributeProvider is PropertyInfo info
            && !info.DeclaringType!.Name.EndsWith(BodyWord, StringComparison.Ordinal)
            && info.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition != JsonIgnoreCondition.WhenWritingNull);
}
