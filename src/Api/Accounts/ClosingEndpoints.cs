using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Users;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;
using LlmObserve.Storage.Accounts;
using LlmObserve.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Accounts;

/// <summary>Deleting accounts and users, and taking an account back.</summary>
internal sealed class ClosingEndpoints(AccountClosing closing, AccountPlaces places, UsersStore users, PasswordProof proof)
{
    private const string Confirm = "confirm";
    private const string Password = "password";

    /// <summary>Longer than any account's name.</summary>
    private const int MaxConfirmLength = 400;

    public async Task<Results<Ok<AccountItem>, Problem>> CloseAsync(string id, Caller caller, HttpContext context)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Owner, mayBeClosed: true, context.RequestAborted);
        if (account is null)
        {
            return refusal!;
        }

        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        if (fields.RequiredText(Confirm, MaxConfirmLength) is { Length: > 0 } typed && typed != account.Name)
        {
            fields.Add(Confirm, FaultCodes.Conflict, "must be the account's name, letter by letter");
        }

        return fields.Invalid is { } invalid
            ? invalid
            : Answer(await closing.CloseAsync(places.Act(context, account.Id), context.RequestAborted), account, caller);
    }

    public async Task<Results<Ok<AccountItem>, Problem>> RestoreAsync(string id, Caller caller, HttpContext context)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Owner, mayBeClosed: true, context.RequestAborted);
        return account is null
            ? refusal!
            : Answer(await closing.RestoreAsync(places.Act(context, account.Id), context.RequestAborted), account, caller);
    }

    public async Task<Results<Ok<UserClosed>, Problem>> CloseUserAsync(Caller caller, HttpContext context)
    {
        var user = caller.User!.Value;
        if (await users.FindAsync(user, context.RequestAborted) is not { } row)
        {
            return Refusals.EndedSession;
        }

        if (row.PasswordHash is not null && await CheckPasswordAsync(row, context) is { } refusal)
        {
            return refusal;
        }

        var closed = await closing.CloseUserAsync(user, context.Actor(), evenIfNeeded: false, context.RequestAborted);
        return closed.IsDone ? TypedResults.Ok(new UserClosed("success", "Your user is closed.", closed.Closed.Max(end => end.PurgeAt)))
            : closed.NeededIn.IsEmpty ? Refusals.EndedSession
            : AccountProblems.NeededIn(closed.NeededIn);
    }

    private async Task<Problem?> CheckPasswordAsync(UserRow user, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var password = fields.RequiredText(Password, Passwords.MaxLength);
        return fields.Invalid ?? await proof.CheckAsync(user, password, context);
    }

    private static Results<Ok<AccountItem>, Problem> Answer(ClosingAnswer answer, UserAccountRow account, Caller caller) =>
        answer.End is { } end
            ? TypedResults.Ok(AccountItem.FromRow(account with { ClosedAt = end.ClosedAt, PurgeAt = end.PurgeAt }, caller))
            : AccountProblems.Of(answer);
}

/// <summary>What <c>DELETE /tenants/{id}</c> takes.</summary>
internal sealed record ConfirmBody(string Confirm);

/// <summary>What <c>DELETE /auth/me</c> takes of a user who has a password.</summary>
internal sealed record CloseUserBody(string? Password);

/// <summary>A user was closed.</summary>
/// <param name="Status">success.</param>
/// <param name="Message">For people.</param>
/// <param name="PurgeAt">When the data of the personal account is deleted for good.</param>
internal sealed record UserClosed(string Status, string Message, DateTimeOffset? PurgeAt);

[JsonSerializable(typeof(UserClosed))]
internal sealed partial class ClosingJson : JsonSerializerContext;
