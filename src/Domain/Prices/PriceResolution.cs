namespace LlmObserve.Domain.Prices;

/// <summary>What a (provider, model) pair resolves to, whatever the endpoint and time.</summary>
/// <param name="ProviderId">The book's provider that prices it, or the name as given in lower case.</param>
/// <param name="ProviderLabel">The name that caps and rollups use.</param>
/// <param name="RawModel">The model as given, trimmed.</param>
/// <param name="CanonicalModel">The name that caps and rollups use.</param>
/// <param name="ByModel">Entries whose rule covers the model, in book order.</param>
/// <param name="ByEndpoint">The provider's entries that an endpoint alone selects.</param>
internal sealed record PriceResolution(
    string ProviderId,
    string ProviderLabel,
    string RawModel,
    string CanonicalModel,
    PriceEntry[] ByModel,
    PriceEntry[] ByEndpoint)
{
    /// <summary>Stands in an entry's endpoints for every streamed call.</summary>
    private const string Streaming = "streaming";

    /// <summary>What clients send for a request that they could not name: it may be anything, so no unit is assumed for it.</summary>
    private const string UnknownEndpoint = "unknown";

    /// <summary>
    /// The entry for a call: one that names both model and endpoint, else one that the endpoint selects, else the model's, else the
    /// provider's for any endpoint. <paramref name="perCall"/> is the unit that one call counts as where it states no quantity.
    /// </summary>
    public PriceEntry? Pick(string? endpoint, bool isStreaming, out PriceKind? perCall)
    {
        foreach (var entry in ByModel)
        {
            if (Names(entry, endpoint, isStreaming, out perCall))
            {
                return entry;
            }
        }

        foreach (var entry in ByEndpoint)
        {
            if (Names(entry, endpoint, isStreaming, out perCall))
            {
                return entry;
            }
        }

        foreach (var entry in ByModel)
        {
            if (entry.Endpoints.IsEmpty)
            {
                perCall = entry.PerCall;
                return entry;
            }
        }

        foreach (var entry in ByEndpoint)
        {
            if (entry.Endpoints.IsEmpty && !IsUnknown(endpoint))
            {
                perCall = entry.PerCall;
                return entry;
            }
        }

        perCall = null;
        return null;
    }

    private static bool IsUnknown(string? endpoint) =>
        string.IsNullOrWhiteSpace(endpoint) || endpoint.Equals(UnknownEndpoint, StringComparison.OrdinalIgnoreCase);

    private static bool Names(PriceEntry entry, string? endpoint, bool isStreaming, out PriceKind? perCall)
    {
        foreach (var named in entry.Endpoints)
        {
            if ((isStreaming && named.Name == Streaming) || (endpoint is not null && IsEndpoint(endpoint, named.Name)))
            {
                perCall = named.PerCall ?? entry.PerCall;
                return true;
            }
        }

        perCall = null;
        return false;
    }

    /// <summary>The whole endpoint, or its last part: <c>Index.query</c> and <c>v1/query</c> are <c>query</c>.</summary>
    private static bool IsEndpoint(string endpoint, string name)
    {
        var whole = endpoint.AsSpan().Trim();
        if (whole.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var last = whole[(whole.LastIndexOfAny('.', '/', ':') + 1)..];
        return last.Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
