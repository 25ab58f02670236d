using LlmObserve.Api.Callers;
using LlmObserve.Api.Caps;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Holds;
using LlmObserve.Domain.Money;
using LlmObserve.Domain.Prices;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Interfaces.Holds;
using LlmObserve.Storage.Prices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Holds;

/// <summary><c>POST /caps/check</c>: whether a call may be made, and the most that it may cost set aside for it.</summary>
internal sealed class HoldCheckEndpoint(GrainCalls calls, PriceBooks prices, AccountPriceLists lists, CheckMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// How often less output is asked for. What fits is taken from the denial before, and other calls may take it meanwhile; a cap that is this
    /// busy is better asked again by the client.
    /// </summary>
    public const int MaxClamps = 3;

    public async Task<Results<Ok<HoldCheckAnswer>, Problem>> CheckAsync(Caller caller, HttpContext context)
    {
        var (key, badKey) = IdempotencyKey.Read(context.Request.Headers);
        if (badKey is not null)
        {
            return badKey;
        }

        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var (book, now) = (prices.Current, clock.GetUtcNow());
        var own = await lists.OfAsync(caller.Account, context.RequestAborted);
        if (HoldBody.ReadAsk(fields, book, own, key is not null, now) is not { } ask)
        {
            return fields.Invalid!;
        }

        var started = metrics.Start();
        var (answer, amount, output) = await AskAsync(caller.AccountKey, ask, key, book, now);
        if (answer.Kind is not (HoldAnswerKind.Granted or HoldAnswerKind.Denied))
        {
            return HoldProblems.Of(answer);
        }

        metrics.Answered(answer.Check, started);
        return TypedResults.Ok(answer.Kind == HoldAnswerKind.Denied
            ? HoldCheckAnswer.Denied(ask, answer.Check, output)
            : HoldCheckAnswer.Granted(ask, answer, amount, output));
    }

    /// <summary>
    /// The decision, the amount that it is about, and the output: what a grant covers, or after a denial what fits now where that is enough; null
    /// where the estimate has none.
    /// </summary>
    private async Task<(HoldAnswer Answer, Usd Amount, long? Output)> AskAsync(
        string account, HoldAsk ask, string? key, PriceBook book, DateTimeOffset now)
    {
        var request = new HoldRequest
        {
            Id = HoldId.New(),
            Labels = ask.Labels,
            Amount = ask.Amount,
            Unpriced = ask.Unpriced,
            Time = ask.Estimate.Time,
            IdempotencyKey = ask.DryRun ? null : key,
            Digest = ask.DryRun ? null : ask.Digest,
            DryRun = ask.DryRun,
        };
        var output = ask.Estimate.Output?.Max;
        for (var clamps = 0; ; clamps++)
        {
            var answer = await HoldAsync(account, request);
            if (answer.Kind != HoldAnswerKind.Denied)
            {
                return answer.Hold is { } hold && hold.Amount != request.Amount
                    ? (answer, hold.Amount, Covered(ask, hold, book))
                    : (answer, request.Amount, output);
            }

            // Where not even the least fits, its denial is the one that says whether waiting helps.
            var fits = ask.Estimate.LessOutput(book, now, answer.Check.Denials.Headroom());
            var next = fits ?? (output > ask.Estimate.LeastOutput ? ask.Estimate.LeastOutput : null);
            if (!ask.Clamp || ask.Unpriced || next is null || clamps == MaxClamps)
            {
                return (answer, request.Amount, fits);
            }

            output = next;
            request = request with { Amount = ask.Estimate.BoundOf(book, now, next.Value) };
        }
    }

    /// <summary>The id is made here, so the request may be made twice.</summary>
    private Task<HoldAnswer> HoldAsync(string account, HoldRequest request) => calls.SendAsync<IAccountGrain, HoldAnswer>(
        account, grain => grain.HoldAsync(request), answer => answer.Kind == HoldAnswerKind.SendAgain);

    /// <summary>The output of a hold that this key got before: less than asked for where it was clamped then.</summary>
    private static long? Covered(HoldAsk ask, HoldState hold, PriceBook book) =>
        ask.Clamp ? ask.Estimate.OutputWithin(book, hold.GrantedAt, hold.Amount) ?? ask.Estimate.Output?.Max : ask.Estimate.Output?.Max;
}
