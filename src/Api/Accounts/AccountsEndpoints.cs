using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Periods;
using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Storage.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Accounts;

/// <summary>The accounts of the signed-in user.</summary>
internal sealed class AccountsEndpoints(UserAccountsStore store, AccountPlaces places, GrainCalls calls, TimeProvider time)
{
    private const string Name = "name";
    private const string TimeZone = "time_zone";

    /// <summary>A few words.</summary>
    private const int MaxNameLength = 100;

    /// <summary>The longest IANA names have about forty.</summary>
    private const int MaxTimeZoneLength = 100;

    public async Task<Ok<AccountList>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(caller.User!.Value, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(new AccountList([.. rows.Select(row => AccountItem.FromRow(row, caller))], null));
    }

    public async Task<Results<Ok<AccountItem>, Problem>> GetAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        var (account, refusal) = await places.FindAsync(id, caller, AccountRole.Viewer, mayBeClosed: true, cancellationToken);
        return account is null ? refusal! : TypedResults.Ok(AccountItem.FromRow(account, caller));
    }

    public async Task<Results<Ok<AccountItem>, Problem>> CreateAsync(Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var name = fields.RequiredText(Name, MaxNameLength).Trim();
        var zone = ReadZone(fields) ?? AccountZone.Utc;
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var act = places.Act(context, AccountId.New());
        if (!await store.CreateAsync(act, name, zone.Id, context.RequestAborted))
        {
            return AccountProblems.TooManyAccounts;
        }

        await places.TellAsync([act.User]);
        return TypedResults.Ok(new AccountItem(
            act.Account.ToString(), name, zone.Id, AccountRole.Owner.ToWire(), IsPersonal: false, IsCurrent: false, act.At, null, null));
    }

    public async Task<Results<Ok<AccountItem>, Problem>> ChangeAsync(string id, Caller caller, HttpContext context)
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

        var name = fields.IsGiven(Name) ? fields.RequiredText(Name, MaxNameLength).Trim() : null;
        var zone = ReadZone(fields);
        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var key = account.Id.ToString();
        if (zone is not null && zone.Id != account.TimeZone)
        {
            var by = context.Actor();
            await calls.RepeatAsync<IAccountGrain, AccountSettings>(key, grain => grain.ChangeTimeZoneAsync(zone.Id, by));
        }

        if (name is not null)
        {
            if (!await store.RenameAsync(places.Act(context, account.Id), name, context.RequestAborted))
            {
                return AccountProblems.NoAccount;
            }

            await calls.RepeatAsync<IAccountGrain, AccountSettings>(key, grain => grain.RefreshSettingsAsync());
        }

        return TypedResults.Ok(AccountItem.FromRow(
            account with { Name = name ?? account.Name, TimeZone = zone?.Id ?? account.TimeZone }, caller));
    }

    private static AccountZone? ReadZone(JsonFields fields)
    {
        if (fields.OptionalText(TimeZone, MaxTimeZoneLength) is not { } id)
        {
            return null;
        }

        if (!AccountZone.TryParse(id, out var zone, out var error))
        {
            fields.Add(new Fault(TimeZone, FaultCodes.UnknownValue, $"time_zone {error}"));
        }

        return zone;
    }
}
