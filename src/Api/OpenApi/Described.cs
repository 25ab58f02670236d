namespace LlmObserve.Api.OpenApi;

/// <summary>
/// A query parameter as the API's description shows it. Handlers read queries by hand, so that every fault of a request is found at once: the
/// framework sees none of them.
/// </summary>
/// <param name="Name">As it is sent.</param>
/// <param name="Type">JSON schema's word: string or integer.</param>
/// <param name="Description">A sentence.</param>
/// <param name="Format">JSON schema's word, such as date-time.</param>
/// <param name="Max">The greatest number; the least is 1.</param>
/// <param name="Default">What is meant where it is left out.</param>
internal sealed record QueryParameter(
    string Name, string Type, string Description, string? Format = null, int? Max = null, int? Default = null);

/// <summary>A body that a handler reads by hand.</summary>
/// <param name="Type">A record with the body's shape.</param>
/// <param name="Description">A sentence.</param>
/// <param name="ContentTypes">The media types that are read.</param>
internal sealed record RequestBody(Type Type, string Description, IReadOnlyList<string> ContentTypes);

/// <summary>A header that a handler looks at.</summary>
internal sealed record RequestHeader(string Name, string Description);

/// <summary>Says of a route what the framework cannot see.</summary>
internal static class DescribedRoutes
{
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, params QueryParameter[] parameters)
    {
        route.WithMetadata([.. parameters]);
        return route;
    }

    public static RouteHandlerBuilder WithBody<T>(this RouteHandlerBuilder route, string description, params string[] contentTypes)
    {
        route.WithMetadata(new RequestBody(typeof(T), description, contentTypes.Length == 0 ? ["application/json"] : contentTypes));
        return route;
    }

    public static RouteHandlerBuilder WithHeader(this RouteHandlerBuilder route, string name, string description)
    {
        route.WithMetadata(new RequestHeader(name, description));
        return route;
    }
}
