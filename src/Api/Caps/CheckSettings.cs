using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Grains.Interfaces.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Caps;

/// <summary>What the account's checks go by.</summary>
internal sealed class CheckSettings(GrainCalls calls)
{
    private const string UnpricedPolicy = "unpriced_policy";
    private const string MaxHoldShare = "max_hold_share";

    public async Task<Ok<CheckSettingsAnswer>> GetAsync(Caller caller) =>
        Answer(await calls.RepeatAsync<IAccountGrain, AccountSettings>(caller.AccountKey, account => account.GetSettingsAsync()));

    public async Task<Results<Ok<CheckSettingsAnswer>, Problem>> ChangeAsync(Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var policy = fields.Word(UnpricedPolicy, (AccountSettings.AllowUnpriced, false), (AccountSettings.DenyUnpriced, true)) is { } denies
            ? denies ? AccountSettings.DenyUnpriced : AccountSettings.AllowUnpriced
            : null;
        var share = ReadShare(fields);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var by = context.Actor();
        return Answer(await calls.RepeatAsync<IAccountGrain, AccountSettings>(
            caller.AccountKey, account => account.ChangeCheckSettingsAsync(policy, share, by)));
    }

    private static decimal? ReadShare(JsonFields fields)
    {
        var share = fields.Number(MaxHoldShare, 0, 1);
        if (share == 0)
        {
            fields.Add(new Fault(MaxHoldShare, FaultCodes.NotPositive, "max_hold_share must be above 0."));
        }

        return share;
    }

    private static Ok<CheckSettingsAnswer> Answer(AccountSettings settings) =>
        TypedResults.Ok(new CheckSettingsAnswer(settings.UnpricedPolicy, settings.MaxHoldShare));
}

/// <summary>What the account's checks go by.</summary>
/// <param name="UnpricedPolicy">allow, or deny: what a check that a hard cap matches says to a call that has no price.</param>
/// <param name="MaxHoldShare">Of a hard cap's limit, the most that one hold may take: 1 for no bound.</param>
internal sealed record CheckSettingsAnswer(string UnpricedPolicy, decimal MaxHoldShare);
