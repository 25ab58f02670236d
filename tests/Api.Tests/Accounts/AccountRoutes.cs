using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace LlmObserve.Api.Tests.Accounts;

/// <summary>The routes that name an account in their path.</summary>
internal static class AccountRoutes
{
    public static readonly IReadOnlyList<(string Method, string Path, string? Body)> All =
    [
        ("GET", "/tenants/{id}", null),
        ("PATCH", "/tenants/{id}", """{"name":"taken over"}"""),
        ("GET", "/tenants/{id}/members", null),
        ("PATCH", "/tenants/{id}/members/{user_id}", """{"role":"viewer"}"""),
        ("DELETE", "/tenants/{id}/members/{user_id}", null),
        ("POST", "/tenants/{id}/transfer", """{"user_id":"{user_id}"}"""),
        ("GET", "/tenants/{id}/invitations", null),
        ("POST", "/tenants/{id}/invitations", """{"email":"stranger@example.org","role":"viewer"}"""),
        ("DELETE", "/tenants/{id}/invitations/{user_id}", null),
        ("DELETE", "/tenants/{id}", """{"confirm":"secret"}"""),
        ("POST", "/tenants/{id}/restore", null),
    ];

    public static HttpRequestMessage Request(string method, string path, string? body, string account, string user) => new(
        new HttpMethod(method), path.Replace("{id}", account, StringComparison.Ordinal).Replace("{user_id}", user, StringComparison.Ordinal))
    {
        Content = body is null ? null : JsonContent.Create(JsonNode.Parse(body.Replace("{user_id}", user, StringComparison.Ordinal))),
    };
}
