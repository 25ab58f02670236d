namespace LlmObserve.Domain.Audit;

/// <summary>What kind of somebody acts.</summary>
public enum ActorKind
{
    /// <summary>A signed-in person.</summary>
    User,

    /// <summary>A program with an API key.</summary>
    ApiKey,

    /// <summary>The identity provider, by a webhook.</summary>
    Clerk,

    /// <summary>Whoever runs the server, from its command line.</summary>
    Operator,

    /// <summary>The server by itself.</summary>
    System,
}

/// <summary>Who acts, and from where: what the audit log says of them.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Id">The user's, the key's or the webhook message's id.</param>
/// <param name="Name">As they are called now: an address, or a key's prefix.</param>
/// <param name="Ip">Where the request came from.</param>
/// <param name="RequestId">The request's <c>X-Request-Id</c>.</param>
public sealed record Actor(ActorKind Kind, string? Id, string? Name, string? Ip, string? RequestId)
{
    /// <summary>The server by itself.</summary>
    public static Actor System { get; } = new(ActorKind.System, null, null, null, null);

    /// <summary>The word of a kind in the store and on the wire.</summary>
    public static string ToWire(ActorKind kind) => kind switch
    {
        ActorKind.User => "user",
        ActorKind.ApiKey => "api_key",
        ActorKind.Clerk => "clerk",
        ActorKind.Operator => "operator",
        _ => "system",
    };
}
