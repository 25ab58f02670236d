using Microsoft.Net.Http.Headers;

namespace LlmObserve.Api.Http;

/// <summary>Which content types are read as what.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";

    public const string JsonLines = "application/x-ndjson";

    /// <summary>JSON in UTF-8. A body without a content type is taken for JSON: simple clients send none.</summary>
    public static bool IsJson(string? contentType) =>
        string.IsNullOrEmpty(contentType)
        || contentType.Equals(Json, StringComparison.OrdinalIgnoreCase)
        || (TryParse(contentType, out var type) && (Is(type, Json) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));

    /// <summary>One JSON value a line, in UTF-8.</summary>
    public static bool IsJsonLines(string? contentType) =>
        TryParse(contentType, out var type) && (Is(type, JsonLines) || Is(type, "application/ndjson"));

    private static bool TryParse(string? contentType, out MediaTypeHeaderValue type) =>
        MediaTypeHeaderValue.TryParse(contentType, out type!)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    private static bool Is(MediaTypeHeaderValue type, string name) => type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase);
}
