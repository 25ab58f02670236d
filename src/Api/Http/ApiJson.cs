using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmObserve.Api.Http;

/// <summary>
/// How this API writes JSON: snake_case, money as plain numbers (by <c>Usd</c>'s own converter), times in UTC. Each feature adds its own
/// source-generated context to the chain with <see cref="AddJson"/>.
/// </summary>
public static class ApiJson
{
    /// <summary>Answers are JSON by their content type, never pasted into HTML: names like "Zoë" need no escapes.</summary>
    internal static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Adds a feature's source-generated types.</summary>
    public static IServiceCollection AddJson(this IServiceCollection services, JsonSerializerContext types) =>
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, types));

    internal static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new UtcTimeConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));

        options.Encoder = Encoder;
    }
}
