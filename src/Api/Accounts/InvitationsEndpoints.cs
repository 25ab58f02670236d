using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Users;
using LlmObserve.Api.Users.Guard;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;
using LlmObserve.Mail;
using LlmObserve.Mail.Templates;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Invitations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Accounts;

/// <summary>Invitations into accounts, from the mail to the membership. Nobody but the mail's reader sees a link's token.</summary>
internal sealed class InvitationsEndpoints(
    InvitationsStore store, UserAccountsStore accounts, AccountPlaces places, MailQueue mails, PublicAddress address, SignInGuard guard, TimeProvider time)
{
    /// <summary>A week: long enough for somebody's holiday, short enough that an old mailbox opens little.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const string Email = "email";
    private const string Token = "token";

    /// <summary>Longer than any token, so that a cut or doubled one is answered like one that does not exist.</summary>
    private const int MaxTokenLength = 200;

    public async Task<Results<Ok<InvitationList>, Problem>> ListAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Admin, mayBeClosed: true, cancellationToken);
        if (account is null)
        {
            return refusal!;
        }

        var rows = await store.ListAsync(account.Id, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(new InvitationList([.. rows.Select(InvitationItem.FromRow)], null));
    }

    public async Task<Results<Ok<SentInvitation>, Problem>> InviteAsync(string id, Caller caller, HttpContext context)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Admin, mayBeClosed: false, context.RequestAborted);
        if (account is null)
        {
            return refusal!;
        }

        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var email = ReadEmail(fields);
        var role = RoleField.Read(fields, AccountRole.Viewer, AccountRole.Member, AccountRole.Admin);
        if ((fields.Invalid ?? await guard.InvitationAsync(email!, context)) is { } invalid)
        {
            return invalid;
        }

        var act = places.Act(context, account.Id);
        var token = InvitationToken.Generate();
        var answer = await store.InviteAsync(
            act, new NewInvitation(email!, role, InvitationToken.Hash(token)!, act.At + Lifetime), context.RequestAborted);
        if (answer is not { Outcome: InvitationOutcome.Done, Invitation: { } invitation })
        {
            return AccountProblems.Of(answer);
        }

        var isQueued = mails.TryEnqueue(AccountMails.Invitation(
            invitation.Email, answer.InviterName, answer.AccountName, role.ToWire(), address.Link($"invitation?token={token}"), invitation.ExpiresAt));
        return TypedResults.Ok(SentInvitation.Of(invitation, isQueued));
    }

    public async Task<Results<Ok<InvitationWithdrawn>, Problem>> WithdrawAsync(string id, string invitationId, Caller caller, HttpContext context)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Admin, mayBeClosed: false, context.RequestAborted);
        if (account is null)
        {
            return refusal!;
        }

        if (!Guid.TryParse(invitationId, out var invitation))
        {
            return AccountProblems.NoInvitation;
        }

        var answer = await store.WithdrawAsync(places.Act(context, account.Id), invitation, context.RequestAborted);
        return answer.Outcome == InvitationOutcome.Done
            ? TypedResults.Ok(new InvitationWithdrawn("success", "The invitation is withdrawn; its link opens nothing."))
            : AccountProblems.Of(answer);
    }

    public async Task<Results<Ok<InvitationPreviewItem>, Problem>> PreviewAsync(HttpContext context)
    {
        var (sha256, refusal) = await ReadTokenAsync(context);
        return refusal is not null ? refusal
            : sha256 is not null && await store.PreviewAsync(sha256, time.GetUtcNow(), context.RequestAborted) is { } preview
            ? TypedResults.Ok(InvitationPreviewItem.Of(preview))
            : AccountProblems.NoSuchInvitation;
    }

    public async Task<Results<Ok<AccountItem>, Problem>> AcceptAsync(Caller caller, HttpContext context)
    {
        var (sha256, refusal) = await ReadTokenAsync(context);
        if (refusal is not null)
        {
            return refusal;
        }

        if (sha256 is null)
        {
            return AccountProblems.NoSuchInvitation;
        }

        var (user, now) = (caller.User!.Value, time.GetUtcNow());
        var answer = await store.AcceptAsync(new Acceptance(sha256, user, context.Actor(), now), context.RequestAborted);
        if (answer.Outcome != InvitationOutcome.Done)
        {
            return AccountProblems.Of(answer);
        }

        await places.TellAsync([user]);
        return await accounts.FindAsync(user, answer.Account, now, context.RequestAborted) is { } account
            ? TypedResults.Ok(AccountItem.FromRow(account, caller))
            : AccountProblems.NoAccount;
    }

    private static async Task<(byte[]? Sha256, Problem? Refusal)> ReadTokenAsync(HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return (null, problem);
        }

        var token = fields.RequiredText(Token, MaxTokenLength);
        return (InvitationToken.Hash(token), fields.Invalid);
    }

    private static string? ReadEmail(JsonFields fields)
    {
        var typed = fields.RequiredText(Email, EmailAddress.MaxLength);
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var address = typed.Length == 0 ? null : EmailAddress.Normalize(Email, typed, faults);
        foreach (var fault in faults)
        {
            fields.Add(fault);
        }

        return address;
    }
}
