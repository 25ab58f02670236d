using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace LlmObserve.Api.Http;

/// <content>Bodies that may be left out.</content>
public sealed partial class JsonFields
{
    private static readonly JsonElement s_empty = JsonDocument.Parse("{}").RootElement;

    /// <summary>Reads the body where there is one; a request without one has no fields.</summary>
    public static ValueTask<JsonBodyResult> ReadOptionalAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Request.ContentLength != 0 && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false }
            ? ReadAsync(context)
            : ValueTask.FromResult(new JsonBodyResult(new JsonFields(s_empty), null));
    }
}
