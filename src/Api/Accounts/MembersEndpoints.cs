using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Users;
using LlmObserve.Storage.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Accounts;

/// <summary>The people of an account. A change holds from the next request on, on every node.</summary>
internal sealed class MembersEndpoints(MembersStore store, AccountPlaces places)
{
    private const string UserIdField = "user_id";

    /// <summary>An id has 32 digits, and four dashes where somebody likes them.</summary>
    private const int MaxIdLength = 36;

    public async Task<Results<Ok<MemberList>, Problem>> ListAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Viewer, mayBeClosed: true, cancellationToken);
        if (account is null)
        {
            return refusal!;
        }

        var rows = await store.ListAsync(account.Id, cancellationToken);
        return TypedResults.Ok(new MemberList([.. rows.Select(MemberItem.FromRow)], null));
    }

    public async Task<Results<Ok<MemberItem>, Problem>> ChangeAsync(string id, string userId, Caller caller, HttpContext context)
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

        var role = RoleField.Read(fields, AccountRole.Viewer, AccountRole.Member, AccountRole.Admin, AccountRole.Owner);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var (done, fault) = await AnswerAsync(userId, member => store.ChangeAsync(places.Act(context, account.Id), member, role, context.RequestAborted));
        return done is null ? fault! : TypedResults.Ok(MemberItem.FromRow(done));
    }

    public async Task<Results<Ok<MemberRemoved>, Problem>> RemoveAsync(string id, string userId, Caller caller, HttpContext context)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Viewer, mayBeClosed: false, context.RequestAborted);
        if (account is null)
        {
            return refusal!;
        }

        var (done, fault) = await AnswerAsync(userId, member => store.RemoveAsync(places.Act(context, account.Id), member, context.RequestAborted));
        return done is null ? fault!
            : TypedResults.Ok(new MemberRemoved("success", done.User == caller.User ? "You have left the account." : "The member is removed."));
    }

    public async Task<Results<Ok<MemberItem>, Problem>> TransferAsync(string id, Caller caller, HttpContext context)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Owner, mayBeClosed: false, context.RequestAborted);
        if (account is null)
        {
            return refusal!;
        }

        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var userId = fields.RequiredText(UserIdField, MaxIdLength);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var (done, fault) = await AnswerAsync(userId, member => store.TransferAsync(places.Act(context, account.Id), member, context.RequestAborted), caller.User);
        return done is null ? fault! : TypedResults.Ok(MemberItem.FromRow(done));
    }

    /// <summary>Makes a change, and has the places of those whom it concerns read anew.</summary>
    private async Task<(MemberRow? Done, Problem? Fault)> AnswerAsync(string userId, Func<UserId, Task<MemberAnswer>> change, UserId? alsoTell = null)
    {
        if (!Guid.TryParse(userId, out var user))
        {
            return (null, AccountProblems.NoMember);
        }

        var answer = await change(new UserId(user));
        if (answer.Outcome != MemberOutcome.Done)
        {
            return (null, AccountProblems.Of(answer));
        }

        await places.TellAsync(alsoTell is { } other ? [answer.Member!.User, other] : [answer.Member!.User]);
        return (answer.Member, null);
    }
}
