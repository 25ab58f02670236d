using System.Text.Json.Nodes;

namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>What account A has, by the names that another account could guess.</summary>
internal sealed record Belongings(
    string Email, string CapId, string KeyId, string RunId, string Customer, string Section, string EventId, string Cursor, string HoldId)
{
    /// <summary>A's session, and the account that it opens.</summary>
    public string SessionId { get; init; } = Guid.NewGuid().ToString("N");

    /// <inheritdoc cref="SessionId"/>
    public string AccountId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>A, who owns the account.</summary>
    public string UserId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>An invitation into the account.</summary>
    public string InvitationId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The same kinds of things, of nobody.</summary>
    public static Belongings OfNobody { get; } = new(
        "nobody@example.com", Guid.NewGuid().ToString(), Guid.NewGuid().ToString(), $"run-{Guid.NewGuid():N}", $"customer-{Guid.NewGuid():N}",
        $"agent:{Guid.NewGuid():N}", Guid.NewGuid().ToString(), "", $"hold_{Guid.NewGuid():N}");
}

/// <summary>How a route is asked for what belongs to somebody else.</summary>
/// <param name="Path">The address.</param>
/// <param name="Body">What is sent.</param>
/// <param name="MayTell">The answer depends on what exists elsewhere by the nature of the route: only its status is looked at.</param>
/// <param name="MakesOwn">It succeeds, and makes something of B's own under the same name.</param>
/// <param name="EndsSession">It comes last: B is signed out by it.</param>
internal sealed record Attempt(string Path, JsonNode? Body = null, bool MayTell = false, bool MakesOwn = false, bool EndsSession = false);

/// <summary>
/// Every route of the server, with the attempt of account B on what belongs to A. The test compares the names with the server's own
/// description: a new route must be entered here.
/// </summary>
internal static class Routes
{
    private const string Filters = "hours=24";

    public static readonly IReadOnlyDictionary<string, Func<Belongings, Attempt>> All = new Dictionary<string, Func<Belongings, Attempt>>
    {
        ["POST /events"] = a => new("events/", new JsonArray(Stolen(a))),

        ["GET /caps/check"] = a => new($"caps/check?provider=openai&model=gpt-4o&customer_id={a.Customer}"),
        ["POST /caps/check"] = a => new("caps/check", new JsonObject
        {
            ["provider"] = "openai",
            ["model"] = "gpt-4o",
            ["customer_id"] = a.Customer,
            ["estimate"] = new JsonObject { ["input_tokens"] = 1000, ["max_output_tokens"] = 1000 },
        }),
        ["GET /caps/holds"] = _ => new("caps/holds"),
        ["GET /caps/holds/{id}"] = a => new($"caps/holds/{a.HoldId}"),
        ["POST /caps/holds/{id}/extend"] = a => new($"caps/holds/{a.HoldId}/extend", new JsonObject { ["ttl_seconds"] = 60 }),
        ["DELETE /caps/holds/{id}"] = a => new($"caps/holds/{a.HoldId}"),
        ["GET /caps/settings"] = _ => new("caps/settings"),
        ["PATCH /caps/settings"] = _ => new("caps/settings", new JsonObject { ["unpriced_policy"] = "allow" }),
        ["POST /caps"] = a => new("caps/", new JsonObject
        {
            ["cap_type"] = "customer",
            ["target_name"] = a.Customer,
            ["limit_amount"] = 1,
            ["period"] = "monthly",
        }),
        ["POST /caps/preview"] = a => new("caps/preview", new JsonObject
        {
            ["cap_type"] = "customer",
            ["target_name"] = a.Customer,
            ["limit_amount"] = 0.001,
            ["period"] = "monthly",
        }),
        ["GET /caps"] = _ => new("caps/"),
        ["GET /caps/alerts"] = _ => new("caps/alerts/"),
        ["GET /caps/{id}"] = a => new($"caps/{a.CapId}"),
        ["PATCH /caps/{id}"] = a => new($"caps/{a.CapId}", new JsonObject { ["enabled"] = false, ["limit_amount"] = 5 }),
        ["DELETE /caps/{id}"] = a => new($"caps/{a.CapId}"),

        // Signing up with an address that is taken says so: there is no other way to tell its owner.
        ["POST /auth/signup"] = a => new("auth/signup", Credentials(a, "a password of B's own"), MayTell: true),
        ["POST /auth/login"] = a => new("auth/login", Credentials(a, "not the password of A")),
        ["GET /auth/me"] = _ => new("auth/me"),
        ["PATCH /auth/me"] = _ => new("auth/me", new JsonObject { ["name"] = "B" }),
        ["POST /auth/verify"] = _ => new("auth/verify", new JsonObject { ["token"] = "a guess" }),
        ["POST /auth/verify/resend"] = _ => new("auth/verify/resend"),
        ["POST /auth/password/forgot"] = a => new("auth/password/forgot", new JsonObject { ["email"] = a.Email }),
        ["POST /auth/password/reset"] = _ => new(
            "auth/password/reset", new JsonObject { ["token"] = "a guess", ["password"] = "a password of B's own" }),
        ["POST /auth/password/change"] = _ => new(
            "auth/password/change", new JsonObject { ["current_password"] = "a guess", ["new_password"] = "a password of B's own" }),
        // A refresh token is an HMAC: all that B can do is to name A's account with what is no token.
        ["POST /auth/refresh"] = a => new("auth/refresh", new JsonObject { ["refresh_token"] = "llmo_rt_0000", ["tenant_id"] = a.AccountId }),
        ["POST /auth/switch"] = a => new("auth/switch", new JsonObject { ["tenant_id"] = a.AccountId }),
        ["POST /auth/logout"] = _ => new("auth/logout", EndsSession: true),
        ["POST /auth/logout-everywhere"] = _ => new("auth/logout-everywhere", new JsonObject { ["keep_current"] = true }),
        ["GET /auth/sessions"] = _ => new("auth/sessions"),
        ["DELETE /auth/sessions/{id}"] = a => new($"auth/sessions/{a.SessionId}"),
        ["POST /auth/api-keys"] = _ => new("auth/api-keys?name=mine"),
        ["DELETE /auth/api-keys/{id}"] = a => new($"auth/api-keys/{a.KeyId}"),
        ["POST /api-keys"] = _ => new("api-keys", new JsonObject { ["name"] = "mine" }),
        ["GET /api-keys"] = _ => new("api-keys"),
        ["PATCH /api-keys/{id}"] = a => new($"api-keys/{a.KeyId}", new JsonObject { ["name"] = "taken over" }),
        ["POST /api-keys/{id}/rotate"] = a => new($"api-keys/{a.KeyId}/rotate", new JsonObject { ["overlap_seconds"] = 0 }),
        ["DELETE /api-keys/{id}"] = a => new($"api-keys/{a.KeyId}"),

        ["GET /live"] = _ => new("live"),

        ["GET /audit"] = a => new($"audit?object_id={a.CapId}"),
        ["GET /audit/export"] = a => new($"audit/export?object_id={a.CapId}"),
        ["GET /tenants"] = _ => new("tenants"),
        ["POST /tenants"] = _ => new("tenants", new JsonObject { ["name"] = "mine" }),
        ["PATCH /tenants"] = _ => new("tenants", new JsonObject { ["name"] = "mine" }),
        ["GET /tenants/{id}"] = a => new($"tenants/{a.AccountId}"),
        ["PATCH /tenants/{id}"] = a => new($"tenants/{a.AccountId}", new JsonObject { ["name"] = "mine", ["time_zone"] = "Asia/Kolkata" }),
        ["GET /tenants/{id}/members"] = a => new($"tenants/{a.AccountId}/members"),
        ["PATCH /tenants/{id}/members/{user_id}"] = a => new($"tenants/{a.AccountId}/members/{a.UserId}", new JsonObject { ["role"] = "viewer" }),
        ["DELETE /tenants/{id}/members/{user_id}"] = a => new($"tenants/{a.AccountId}/members/{a.UserId}"),
        ["POST /tenants/{id}/transfer"] = a => new($"tenants/{a.AccountId}/transfer", new JsonObject { ["user_id"] = a.UserId }),
        ["GET /tenants/{id}/invitations"] = a => new($"tenants/{a.AccountId}/invitations"),
        ["POST /tenants/{id}/invitations"] = a => new(
            $"tenants/{a.AccountId}/invitations", new JsonObject { ["email"] = "b@example.com", ["role"] = "admin" }),
        ["DELETE /tenants/{id}/invitations/{invitation_id}"] = a => new($"tenants/{a.AccountId}/invitations/{a.InvitationId}"),
        ["POST /invitations/preview"] = _ => new("invitations/preview", new JsonObject { ["token"] = new string('A', 43) }),
        ["POST /invitations/accept"] = _ => new("invitations/accept", new JsonObject { ["token"] = new string('A', 43) }),
        ["DELETE /tenants/{id}"] = a => new($"tenants/{a.AccountId}", new JsonObject { ["confirm"] = a.Email }),
        ["POST /tenants/{id}/restore"] = a => new($"tenants/{a.AccountId}/restore"),
        // With the password B would be gone for the routes that follow.
        ["DELETE /auth/me"] = _ => new("auth/me", new JsonObject { ["password"] = "not the password of B" }),

        ["POST /auth/unseen-key"] = _ => new("auth/unseen-key"),
        ["GET /clerk/api-keys/me"] = _ => new("clerk/api-keys/me"),
        ["POST /clerk/api-keys"] = _ => new("clerk/api-keys", new JsonObject { ["name"] = "mine" }),
        ["DELETE /clerk/api-keys/{id}"] = a => new($"clerk/api-keys/{a.KeyId}"),
        ["POST /webhooks/clerk"] = _ => new("webhooks/clerk", new JsonObject { ["type"] = "user.deleted" }),

        ["GET /pricing"] = _ => new("pricing"),
        ["PUT /pricing"] = _ => new("pricing", new JsonObject { ["version"] = 0, ["overrides"] = new JsonArray() }),
        ["GET /pricing/book"] = _ => new("pricing/book?q=gpt-4o&limit=1"),

        ["GET /customers"] = a => new($"customers?q={a.Customer}"),
        ["GET /customers/{customer_id}"] = a => new($"customers/{a.Customer}"),
        ["DELETE /customers/{customer_id}"] = a => new($"customers/{a.Customer}"),
        // Ids of customers are the account's own words: B may have one that is called like A's, and it is another.
        ["PUT /customers/{customer_id}"] = a => new($"customers/{a.Customer}", new JsonObject { ["name"] = "mine" }, MakesOwn: true),

        ["GET /runs/latest"] = a => new($"runs/latest?customer_id={a.Customer}{Cursor(a)}"),
        ["GET /runs/{run_id}"] = a => new($"runs/{a.RunId}"),
        ["GET /stats/overview"] = a => new($"stats/overview?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/by-provider"] = a => new($"stats/by-provider?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/by-model"] = a => new($"stats/by-model?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/by-agent"] = a => new($"stats/by-agent?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/periods"] = a => new($"stats/periods?customer_id={a.Customer}"),
        ["GET /stats/timeseries"] = a => new($"stats/timeseries?{Filters}&group=customer&customer_id={a.Customer}"),
        ["GET /stats/by-customer"] = a => new($"stats/by-customer?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/llms"] = a => new($"stats/llms?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/infrastructure"] = a => new($"stats/infrastructure?{Filters}&customer_id={a.Customer}"),
        ["GET /stats/by-section"] = _ => new($"stats/by-section?{Filters}"),
        ["GET /stats/section/{section}"] = _ => new($"stats/section/x?{Filters}"),

        ["GET /"] = _ => new(""),
        ["GET /health"] = _ => new("health"),
        ["HEAD /health"] = _ => new("health"),
        ["GET /health/ready"] = _ => new("health/ready"),
    };

    private static JsonObject Stolen(Belongings a)
    {
        var call = Harness.Events.Call(a.EventId);
        // Its run and customer are B's own, so that what is later found under A's names would be A's.
        call["run_id"] = "own-run";
        call["customer_id"] = "own-customer";
        call["tenant_id"] = a.Email;
        call["hold_id"] = a.HoldId;
        return call;
    }

    private static JsonObject Credentials(Belongings a, string password) => new() { ["email"] = a.Email, ["password"] = password };

    private static string Cursor(Belongings a) => a.Cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(a.Cursor)}";
}
