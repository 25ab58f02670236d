using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Holds;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Holds;

/// <summary>The holds of the caller's account.</summary>
internal sealed class HoldsEndpoints(GrainCalls calls)
{
    /// <summary>Holds on a page at most.</summary>
    public const int MaxHolds = 200;

    public const int DefaultHolds = 50;

    public async Task<Results<Ok<HoldStateAnswer>, Problem>> GetAsync(string id, Caller caller) =>
        HoldId.TryParse(id, out var hold)
        && await calls.RepeatAsync<IAccountGrain, HoldState?>(caller.AccountKey, account => account.GetHoldAsync(hold)) is { } state
            ? TypedResults.Ok(new HoldStateAnswer(state))
            : HoldProblems.NoSuchHold;

    public async Task<Results<Ok<HoldPageAnswer>, Problem>> ListAsync(Caller caller, HttpContext context)
    {
        var query = context.Request.Query;
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var limit = StatsRequest.ReadCount(query, "limit", DefaultHolds, MaxHolds, faults);
        HoldCursor? after = null;
        if (StatsRequest.Text(query, "cursor") is { } text)
        {
            if (HoldCursor.TryParse(text, out var cursor))
            {
                after = cursor;
            }
            else
            {
                faults.Add(StatsRequest.BadCursor);
            }
        }

        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        // One more than is shown tells whether there is a next page.
        var page = await calls.RepeatAsync<IAccountGrain, HoldPage>(
            caller.AccountKey, account => account.GetHoldsAsync(limit + 1, after?.ExpiresAt, after?.Id ?? default));
        var shown = page.Holds.Take(limit).ToList();
        return TypedResults.Ok(new HoldPageAnswer(
            [.. shown.Select(hold => new HoldStateAnswer(hold))],
            page.Holds.Length > limit ? new HoldCursor(shown[^1].ExpiresAt, shown[^1].Id).ToString() : null,
            page.Open,
            page.Held));
    }

    public async Task<Results<Ok<HoldStateAnswer>, Problem>> ExtendAsync(string id, Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var time = HoldBody.ReadRequiredTime(fields);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        if (!HoldId.TryParse(id, out var hold))
        {
            return HoldProblems.NoSuchHold;
        }

        var answer = await SendAsync(caller, account => account.ExtendHoldAsync(hold, time));
        return answer is { Kind: HoldAnswerKind.Granted, Hold: { } state } ? TypedResults.Ok(new HoldStateAnswer(state)) : HoldProblems.Of(answer);
    }

    /// <summary>A hold that has ended already is no error: its caller wants it gone, and gone it is.</summary>
    public async Task<Results<Ok<HoldStateAnswer>, Problem>> ReleaseAsync(string id, Caller caller)
    {
        if (!HoldId.TryParse(id, out var hold))
        {
            return HoldProblems.NoSuchHold;
        }

        var answer = await SendAsync(caller, account => account.ReleaseHoldAsync(hold));
        return answer is { Kind: HoldAnswerKind.Granted or HoldAnswerKind.Ended, Hold: { } state }
            ? TypedResults.Ok(new HoldStateAnswer(state))
            : HoldProblems.Of(answer);
    }

    private Task<HoldAnswer> SendAsync(Caller caller, Func<IAccountGrain, Task<HoldAnswer>> call) =>
        calls.SendAsync(caller.AccountKey, call, answer => answer.Kind == HoldAnswerKind.SendAgain);
}
