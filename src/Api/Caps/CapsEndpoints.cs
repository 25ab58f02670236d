using System.Collections.Immutable;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Faults;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Caps;
using LlmObserve.Storage.Alerts;
using LlmObserve.Storage.Prices;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans;

namespace LlmObserve.Api.Caps;

/// <summary>The caps of the caller's account.</summary>
internal sealed class CapsEndpoints(IGrainFactory grains, GrainCalls calls, AlertsStore alerts, PriceBooks prices, TimeProvider clock)
{
    /// <summary>Alerts on a page at most.</summary>
    public const int MaxAlerts = 200;

    public const int DefaultAlerts = 50;

    public async Task<Results<Ok<CapStateAnswer>, Problem>> CreateAsync(Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var cap = CapBody.ReadNew(fields, caller.Account, prices.Current, clock.GetUtcNow());
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        // Made once: a second would be another cap.
        var answer = await grains.GetGrain<IAccountGrain>(caller.AccountKey).CreateCapAsync(cap, context.Actor());
        return answer.Kind == CapAnswerKind.Done
            ? TypedResults.Ok(new CapStateAnswer(answer.State!))
            : Problems.Conflict("too-many-caps", "The account has as many caps as it may have; remove one first.");
    }

    public async Task<Ok<IReadOnlyList<CapStateAnswer>>> ListAsync(Caller caller)
    {
        var caps = await AskAsync(caller, account => account.GetCapsAsync());
        return TypedResults.Ok<IReadOnlyList<CapStateAnswer>>([.. caps.Select(state => new CapStateAnswer(state))]);
    }

    public async Task<Results<Ok<CapStateAnswer>, Problem>> GetAsync(string id, Caller caller) =>
        CapId.TryParse(id, out var cap) && await AskAsync(caller, account => account.GetCapAsync(cap)) is { } state
            ? TypedResults.Ok(new CapStateAnswer(state))
            : NoSuchCap;

    public async Task<Results<Ok<CapStateAnswer>, Problem>> ChangeAsync(string id, Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var change = CapBody.ReadChange(fields);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var by = context.Actor();
        return CapId.TryParse(id, out var cap) && (await AskAsync(caller, account => account.ChangeCapAsync(cap, change, by))).State is { } state
            ? TypedResults.Ok(new CapStateAnswer(state))
            : NoSuchCap;
    }

    public async Task<Results<Ok<CapRemovedAnswer>, Problem>> DeleteAsync(string id, Caller caller, HttpContext context) =>
        CapId.TryParse(id, out var cap) && (await grains.GetGrain<IAccountGrain>(caller.AccountKey).DeleteCapAsync(cap, context.Actor())).Kind == CapAnswerKind.Done
            ? TypedResults.Ok(new CapRemovedAnswer("success", "The cap is removed."))
            : NoSuchCap;

    public async Task<Results<Ok<IReadOnlyList<AlertAnswer>>, Problem>> ListAlertsAsync(Caller caller, HttpContext context)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var limit = StatsRequest.ReadCount(context.Request.Query, "limit", DefaultAlerts, MaxAlerts, faults);
        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        var found = await alerts.ListAsync(caller.Account, limit, context.RequestAborted);
        return TypedResults.Ok<IReadOnlyList<AlertAnswer>>([.. found.Select(alert => new AlertAnswer(alert))]);
    }

    /// <summary>Also for a cap of another account: the two must look alike.</summary>
    private static Problem NoSuchCap => Problems.NotFound("There is no cap of this id.");

    private Task<T> AskAsync<T>(Caller caller, Func<IAccountGrain, Task<T>> call) => calls.RepeatAsync(caller.AccountKey, call);
}
