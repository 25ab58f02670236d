using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;

namespace LlmObserve.Api.Accounts;

/// <summary>
/// Accounts and their people. A path that names an account means one that the signed-in user belongs to, whichever their session opens, and what
/// they may do goes by their role there.
/// </summary>
internal static class AccountsFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSingleton<AccountPlaces>()
        .AddSingleton<AccountsEndpoints>()
        .AddSingleton<MembersEndpoints>()
        .AddSingleton<InvitationsEndpoints>()
        .AddSingleton<AccountClosing>()
        .AddSingleton<ClosingEndpoints>()
        .AddJson(AccountsJson.Default)
        .AddJson(InvitationsJson.Default)
        .AddJson(ClosingJson.Default);

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        var accounts = app.MapGroup("/tenants").WithTags("Accounts").Accept(CallerRule.Session);
        accounts.MapGet("", (AccountsEndpoints endpoints, Caller caller, CancellationToken cancellationToken) => endpoints.ListAsync(caller, cancellationToken))
            .WithSummary("Your accounts: those that are open, and closed ones of yours that can be restored.");
        accounts.MapPost("", (AccountsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.CreateAsync(caller, context))
            .WithBody<NewAccountBody>("The account.")
            .WithSummary("Makes an account, which you own.");
        accounts.MapPatch("", (AccountsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ChangeAsync(caller.AccountKey, caller, context))
            .WithBody<AccountChangeBody>("What to change.")
            .WithSummary("As PATCH /tenants/{id}, for the account that the session opens.");
        accounts.MapGet("/{id}", (string id, AccountsEndpoints endpoints, Caller caller, CancellationToken cancellationToken) => endpoints.GetAsync(id, caller, cancellationToken))
            .WithSummary("One of your accounts.");
        accounts.MapPatch("/{id}", (string id, AccountsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ChangeAsync(id, caller, context))
            .WithBody<AccountChangeBody>("What to change.")
            .WithSummary("Changes an account's name or time zone: only the fields that are sent. For admins.");
        accounts.MapDelete("/{id}", (string id, ClosingEndpoints endpoints, Caller caller, HttpContext context) => endpoints.CloseAsync(id, caller, context))
            .WithBody<ConfirmBody>("The account's name.")
            .WithSummary("Closes an account at once; its data is deleted after 30 days. For owners.");
        accounts.MapPost("/{id}/restore", (string id, ClosingEndpoints endpoints, Caller caller, HttpContext context) => endpoints.RestoreAsync(id, caller, context))
            .WithSummary("Opens a closed account again, as it was. For owners.");
        MapMembers(accounts);
        MapInvitations(accounts, app.MapGroup("/invitations").WithTags("Accounts").Accept(CallerRule.Session));
        app.MapDelete("/auth/me", (ClosingEndpoints endpoints, Caller caller, HttpContext context) => endpoints.CloseUserAsync(caller, context))
            .WithTags("Users").Accept(CallerRule.Session)
            .WithBody<CloseUserBody>("The password, of a user who has one.")
            .WithSummary("Closes your user for good: your sessions end, your personal account and those where you are alone are closed.");
    }

    private static void MapMembers(RouteGroupBuilder accounts)
    {
        accounts.MapGet("/{id}/members", (string id, MembersEndpoints endpoints, Caller caller, CancellationToken cancellationToken) => endpoints.ListAsync(id, caller, cancellationToken))
            .WithSummary("The people of an account, in the order in which they came.");
        accounts.MapPatch(
                "/{id}/members/{user_id}",
                (string id, string user_id, MembersEndpoints endpoints, Caller caller, HttpContext context) =>
                    endpoints.ChangeAsync(id, user_id, caller, context))
            .WithBody<RoleBody>("The role.")
            .WithSummary("Gives a member another role. For admins; owners are made and unmade by owners.");
        accounts.MapDelete(
                "/{id}/members/{user_id}",
                (string id, string user_id, MembersEndpoints endpoints, Caller caller, HttpContext context) =>
                    endpoints.RemoveAsync(id, user_id, caller, context))
            .WithSummary("Removes a member, or leaves the account. For admins, owners for owners; leaving for everybody.");
        accounts.MapPost("/{id}/transfer", (string id, MembersEndpoints endpoints, Caller caller, HttpContext context) => endpoints.TransferAsync(id, caller, context))
            .WithBody<TransferBody>("The new owner.")
            .WithSummary("Makes another member the owner, and you an admin. For owners.");
    }

    private static void MapInvitations(RouteGroupBuilder accounts, RouteGroupBuilder links)
    {
        accounts.MapGet("/{id}/invitations", (string id, InvitationsEndpoints endpoints, Caller caller, CancellationToken cancellationToken) => endpoints.ListAsync(id, caller, cancellationToken))
            .WithSummary("An account's open invitations, oldest first. For admins.");
        accounts.MapPost("/{id}/invitations", (string id, InvitationsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.InviteAsync(id, caller, context))
            .WithBody<InvitationBody>("Whom, and as what.")
            .WithSummary("Mails a link into the account, good once and for seven days; again, it replaces the link before. For admins.");
        accounts.MapDelete(
                "/{id}/invitations/{invitation_id}",
                (string id, string invitation_id, InvitationsEndpoints endpoints, Caller caller, HttpContext context) =>
                    endpoints.WithdrawAsync(id, invitation_id, caller, context))
            .WithSummary("Withdraws an invitation: its link opens nothing any more. For admins.");
        links.MapPost("/preview", (InvitationsEndpoints endpoints, HttpContext context) => endpoints.PreviewAsync(context))
            .Accept(CallerRule.Anyone)
            .WithBody<TokenBody>("The last part of the link.")
            .WithSummary("What the link of an invitation opens, for whoever has it.");
        links.MapPost("/accept", (InvitationsEndpoints endpoints, Caller caller, HttpContext context) => endpoints.AcceptAsync(caller, context))
            .WithBody<TokenBody>("The last part of the link.")
            .WithSummary("Joins the account of an invitation to your address.");
    }
}
