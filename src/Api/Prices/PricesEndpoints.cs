using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Prices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Prices;

/// <summary>The prices of its own that the caller's account has.</summary>
internal sealed class PricesEndpoints(AccountPricesStore store, AccountPriceLists lists, PriceBooks books, TimeProvider clock)
{
    /// <summary>A thousand prices of two kinds are some 100 KB; with tiers and dates they may be several times that.</summary>
    public const int MaxBodyBytes = 512 * 1024;

    private const string Version = "version";
    private const string Overrides = "overrides";

    /// <summary>Body, list, price, periods, period, rates, rate, tiers, tier.</summary>
    private const int BodyDepth = 10;

    public async Task<Ok<PricingAnswer>> GetAsync(Caller caller, HttpContext context) =>
        TypedResults.Ok(new PricingAnswer(await store.GetAsync(caller.Account, context.RequestAborted), books.Current.Version));

    /// <summary>Raw sample: <c>{"version":3,"overrides":[{"provider":"openai","model":"gpt-4o","prices":{"input":2,"output":8}}]}</c>.</summary>
    public async Task<Results<Ok<PricingAnswer>, Problem>> ReplaceAsync(Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context, MaxBodyBytes, BodyDepth)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var book = books.Current;
        if (Read(fields, book) is not var (version, prices))
        {
            return fields.Invalid!;
        }

        var before = await store.GetAsync(caller.Account, context.RequestAborted);
        if (before.Version != version)
        {
            return Changed(before.Version);
        }

        var (gone, come) = Differences(before.Prices, prices);
        if (gone.Count + come.Count == 0)
        {
            return TypedResults.Ok(new PricingAnswer(before, book.Version));
        }

        var after = new AccountPriceList(version + 1, prices, clock.GetUtcNow());
        var audit = new AuditEntry(
            caller.Account, after.UpdatedAt!.Value, context.Actor(), AuditActions.PricesUpdated,
            new AuditObject("prices", after.Version.ToString(CultureInfo.InvariantCulture), "the account's own prices"))
        {
            Before = AuditedPrices.ToJson(before.Version, gone),
            After = AuditedPrices.ToJson(after.Version, come),
        };
        if (!await store.ReplaceAsync(caller.Account, after, audit, context.RequestAborted))
        {
            return Changed(null);
        }

        lists.Take(caller.Account, after);
        return TypedResults.Ok(new PricingAnswer(after, book.Version));
    }

    private static (int Version, AccountPrices Prices)? Read(JsonFields fields, PriceBook book)
    {
        var version = fields.Whole(Version, 0, int.MaxValue - 1);
        if (!fields.IsGiven(Version))
        {
            fields.Add(Version, FaultCodes.Required, "is needed: that of the prices that these take the place of, 0 for the first");
        }

        AccountPrices? prices = null;
        if (fields.TryGetJson(Overrides, out var json))
        {
            prices = AccountPricesJson.Read(json.ToArray(), Overrides, book.Provider, out var faults);
            foreach (var fault in faults)
            {
                fields.Add(fault);
            }
        }
        else
        {
            fields.Add(Overrides, FaultCodes.Required, "is needed: all of the account's own prices");
        }

        return fields.HasFaults ? null : ((int)version!.Value, prices!);
    }

    /// <summary>The prices that are in one list only, as they are written.</summary>
    private static (IReadOnlyList<string> Gone, IReadOnlyList<string> Come) Differences(AccountPrices before, AccountPrices after)
    {
        var (old, now) = (Lines(before), Lines(after));
        return ([.. old.Except(now, StringComparer.Ordinal)], [.. now.Except(old, StringComparer.Ordinal)]);

        static ImmutableArray<string> Lines(AccountPrices list) => [.. list.Prices.Select(AccountPricesJson.Write)];
    }

    private static Problem Changed(int? version) => Problems.Conflict(
        "prices-changed", $"Somebody else has changed the account's prices{(version is { } now ? $": they are at version {now}" : "")}. Read them again, and change those.");
}

/// <summary>What the audit log says of a change of prices.</summary>
internal static class AuditedPrices
{
    /// <summary>A page of the audit log has two hundred entries: a list of a thousand prices in each would be too much.</summary>
    private const int MaxPrices = 100;

    /// <summary>The version, and of its prices those that the other version does not have.</summary>
    public static string ToJson(int version, IReadOnlyList<string> lines)
    {
        var more = lines.Count > MaxPrices ? $",\"more\":{(lines.Count - MaxPrices).ToString(CultureInfo.InvariantCulture)}" : "";
        return $"{{\"version\":{version.ToString(CultureInfo.InvariantCulture)},\"overrides\":[{string.Join(",", lines.Take(MaxPrices))}]{more}}}";
    }
}

/// <summary>What the account pays where that differs from the book.</summary>
internal sealed record PricingAnswer
{
    public PricingAnswer(AccountPriceList list, int bookVersion)
    {
        Version = list.Version;
        BookVersion = bookVersion;
        Overrides = [.. list.Prices.Prices.Select(AccountPriceAnswer.Of)];
        UpdatedAt = list.UpdatedAt;
    }

    /// <summary>Goes up with each change; 0 before the first. A change states the version that it is of.</summary>
    public int Version { get; }

    /// <summary>That of the price book, which prices the rest.</summary>
    public int BookVersion { get; }

    public IReadOnlyList<AccountPriceAnswer> Overrides { get; }

    /// <summary>Null before the first change.</summary>
    public DateTimeOffset? UpdatedAt { get; }
}

/// <summary>One price of the account's own.</summary>
/// <param name="Provider">Canonical.</param>
/// <param name="Model">A canonical model, which stands for all its names, or one name; null for calls without a model.</param>
/// <param name="Prices">
/// US dollars by kind: tokens by the million, others by one. Or a list of one object with from, until, daily and rates, where they hold at some times only.
/// </param>
internal sealed record AccountPriceAnswer(string Provider, string? Model, JsonElement Prices)
{
    public static AccountPriceAnswer Of(AccountPrice price) => new(
        price.Provider, price.Model.Length == 0 ? null : price.Model, JsonElement.Parse(AccountPricesJson.Write(price)).GetProperty("prices"));
}
