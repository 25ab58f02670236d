using System.Reflection;
using LlmObserve.Api.Http;

namespace LlmObserve.Api.OpenApi;

/// <summary>
/// A query parameter as the API's description shows it. Handlers read queries by hand, so that every fault of a request is found at once: the
/// framework sees none of them.
/// </summary>
/// <param name="Name">As it is sent.</param>
/// <param name="Description">A sentence.</param>
/// <param name="Format">JSON schema's word for a kind of text, such as date-time.</param>
/// <param name="Max">Makes it a whole number from 1 to this.</param>
/// <param name="Default">The number that is meant where it is left out.</param>
/// <param name="Words">Makes it one of these.</param>
internal sealed record QueryParameter(
    string Name, string Description, string? Format = null, int? Max = null, int? Default = null, IReadOnlyList<string>? Words = null);

/// <summary>A body that a handler reads by hand.</summary>
/// <param name="Type">A record with the body's shape.</param>
/// <param name="Description">A sentence.</param>
/// <param name="ContentTypes">The media types that are read.</param>
internal sealed record RequestBody(Type Type, string Description, IReadOnlyList<string> ContentTypes);

/// <summary>A header that a handler looks at.</summary>
internal sealed record RequestHeader(string Name, string Description);

/// <summary>A kind of text that a route answers with beside its JSON.</summary>
internal sealed record OtherContent(string ContentType);

/// <summary>Says of a route what the framework cannot see.</summary>
internal static class DescribedRoutes
{
    public static T WithQuery<T>(this T route, params QueryParameter[] parameters)
        where T : IEndpointConventionBuilder => route.WithMetadata([.. parameters]);

    public static T WithContent<T>(this T route, string contentType)
        where T : IEndpointConventionBuilder => route.WithMetadata(new OtherContent(contentType));

    public static RouteHandlerBuilder WithBody<TBody>(this RouteHandlerBuilder route, string description, params string[] contentTypes) =>
        route.WithMetadata(new RequestBody(typeof(TBody), description, contentTypes.Length == 0 ? [MediaTypes.Json] : contentTypes));

    public static T WithHeader<T>(this T route, string name, string description)
        where T : IEndpointConventionBuilder => route.WithMetadata(new RequestHeader(name, description));

    /// <summary>Puts a route into the description that has no handler but a plain delegate.</summary>
    public static IEndpointConventionBuilder WithAnswer<TAnswer>(this IEndpointConventionBuilder route, RequestDelegate handler) =>
        route.WithMetadata(handler.GetMethodInfo(), new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TAnswer), [MediaTypes.Json]));
}
