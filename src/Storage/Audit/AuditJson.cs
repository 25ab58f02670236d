using System.Text.Json.Nodes;

namespace LlmObserve.Storage.Audit;

/// <summary>What stands in an audit entry's <c>before</c> and <c>after</c>.</summary>
internal static class AuditJson
{
    /// <summary>An object of texts; those that are null stand there as null.</summary>
    public static string Of(params ReadOnlySpan<(string Name, string? Value)> members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members)
        {
            json[name] = value;
        }

        return json.ToJsonString();
    }

    /// <summary>A time as the API writes it.</summary>
    public static string? Instant(DateTimeOffset? at) => at?.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
}
