namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>Who may use a route.</summary>
/// <param name="LeastRole">What a signed-in user must be at least; null where no session will do.</param>
/// <param name="Scope">What a key must have; null where no key will do.</param>
/// <param name="IsOpen">Nobody is asked who they are.</param>
/// <param name="EndsSession">Whoever asks is signed out by it.</param>
internal sealed record Access(string? LeastRole, string? Scope = null, bool IsOpen = false, bool EndsSession = false)
{
    /// <summary>From the least to the most.</summary>
    public static readonly string[] Roles = ["viewer", "member", "admin", "owner"];

    private static readonly Access s_open = new(null, IsOpen: true);
    private static readonly Access s_user = new("viewer");
    private static readonly Access s_member = new("member");
    private static readonly Access s_admin = new("admin");
    private static readonly Access s_owner = new("owner");
    private static readonly Access s_read = new("viewer", "read");
    private static readonly Access s_check = new("viewer", "check");
    private static readonly Access s_hold = new("member", "check");
    private static readonly Access s_caps = new("viewer", "manage");
    private static readonly Access s_change = new("member", "manage");

    /// <summary>Every route of the server: a new one must be entered here.</summary>
    public static readonly IReadOnlyDictionary<string, Access> All = new Dictionary<string, Access>
    {
        ["POST /events"] = new(null, "ingest"),

        ["GET /caps/check"] = s_check,
        ["POST /caps/check"] = s_hold,
        ["GET /caps/holds"] = s_read,
        ["GET /caps/holds/{id}"] = s_check,
        ["POST /caps/holds/{id}/extend"] = s_hold,
        ["DELETE /caps/holds/{id}"] = s_hold,
        ["GET /caps/settings"] = s_caps,
        ["PATCH /caps/settings"] = s_admin,
        ["POST /caps"] = s_change,
        ["POST /caps/preview"] = s_caps,
        ["GET /caps"] = s_caps,
        ["GET /caps/alerts"] = s_caps,
        ["GET /caps/{id}"] = s_caps,
        ["PATCH /caps/{id}"] = s_change,
        ["DELETE /caps/{id}"] = s_change,

        ["POST /auth/signup"] = s_open,
        ["POST /auth/login"] = s_open,
        ["POST /auth/refresh"] = s_open,
        ["POST /auth/verify"] = s_open,
        ["POST /auth/password/forgot"] = s_open,
        ["POST /auth/password/reset"] = s_open,
        ["GET /auth/me"] = s_user,
        ["PATCH /auth/me"] = s_user,
        ["DELETE /auth/me"] = s_user,
        ["POST /auth/verify/resend"] = s_user,
        ["POST /auth/password/change"] = s_user,
        ["POST /auth/switch"] = s_user,
        ["POST /auth/logout"] = s_user with { EndsSession = true },
        ["POST /auth/logout-everywhere"] = s_user with { EndsSession = true },
        ["GET /auth/sessions"] = s_user,
        ["DELETE /auth/sessions/{id}"] = s_user,
        ["POST /auth/unseen-key"] = s_user,

        ["POST /auth/api-keys"] = s_member,
        ["DELETE /auth/api-keys/{id}"] = s_member,
        ["POST /api-keys"] = s_member,
        ["GET /api-keys"] = s_member,
        ["PATCH /api-keys/{id}"] = s_member,
        ["POST /api-keys/{id}/rotate"] = s_member,
        ["DELETE /api-keys/{id}"] = s_member,
        ["GET /clerk/api-keys/me"] = s_user,
        ["POST /clerk/api-keys"] = s_member,
        ["DELETE /clerk/api-keys/{id}"] = s_member,
        ["POST /webhooks/clerk"] = s_open,

        ["GET /tenants"] = s_user,
        ["POST /tenants"] = s_user,
        ["PATCH /tenants"] = s_admin,
        ["GET /tenants/{id}"] = s_user,
        ["PATCH /tenants/{id}"] = s_admin,
        ["DELETE /tenants/{id}"] = s_owner,
        ["POST /tenants/{id}/restore"] = s_owner,
        ["POST /tenants/{id}/transfer"] = s_owner,
        ["GET /tenants/{id}/members"] = s_user,
        ["PATCH /tenants/{id}/members/{user_id}"] = s_admin,
        ["DELETE /tenants/{id}/members/{user_id}"] = s_admin,
        ["GET /tenants/{id}/invitations"] = s_admin,
        ["POST /tenants/{id}/invitations"] = s_admin,
        ["DELETE /tenants/{id}/invitations/{invitation_id}"] = s_admin,
        ["POST /invitations/preview"] = s_open,
        ["POST /invitations/accept"] = s_user,

        ["GET /audit"] = s_admin,
        ["GET /audit/export"] = s_admin,

        ["GET /pricing"] = s_read,
        ["PUT /pricing"] = s_admin,
        ["GET /pricing/book"] = s_read,

        ["GET /customers"] = s_read,
        ["GET /customers/{customer_id}"] = s_read,
        ["PUT /customers/{customer_id}"] = s_member,
        ["DELETE /customers/{customer_id}"] = s_member,

        ["GET /live"] = s_read,
        ["GET /runs/latest"] = s_read,
        ["GET /runs/{run_id}"] = s_read,
        ["GET /stats/overview"] = s_read,
        ["GET /stats/by-provider"] = s_read,
        ["GET /stats/by-model"] = s_read,
        ["GET /stats/by-agent"] = s_read,
        ["GET /stats/periods"] = s_read,
        ["GET /stats/timeseries"] = s_read,
        ["GET /stats/by-customer"] = s_read,
        ["GET /stats/llms"] = s_read,
        ["GET /stats/infrastructure"] = s_read,
        ["GET /stats/by-section"] = s_read,
        ["GET /stats/section/{section}"] = s_read,

        ["GET /"] = s_open,
        ["GET /health"] = s_open,
        ["HEAD /health"] = s_open,
        ["GET /health/ready"] = s_open,
    };

    /// <summary>Whether a role is enough.</summary>
    public bool Admits(string role) => LeastRole is not null && Array.IndexOf(Roles, role) >= Array.IndexOf(Roles, LeastRole);
}
