using System.Collections.Immutable;
using System.Text.Json.Nodes;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.Stats;
using LlmObserve.Domain.Audit;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Customers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmObserve.Api.Customers;

/// <summary>The caller's account's own customers, as far as it says anything of them.</summary>
internal sealed class CustomersEndpoints(CustomersStore store, TimeProvider clock)
{
    /// <summary>A screenful.</summary>
    public const int DefaultLimit = 50;

    /// <summary>The word for ids, in queries and in faults.</summary>
    public const string IdWord = "customer_id";

    private const byte Cursor = 102;
    private const string Folder = "/customers/";
    private const string MonthlyPrice = "monthly_price_usd";

    /// <summary>A line on a page.</summary>
    private const int MaxNameLength = 200;

    /// <summary>A billion dollars: beyond any price, and so far inside the range of an amount that sums stay there too.</summary>
    private static readonly Usd s_maxPrice = Usd.FromDollars(1_000_000_000);

    public async Task<Results<Ok<CustomerPage>, Problem>> ListAsync(Caller caller, HttpContext context)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var query = context.Request.Query;
        var limit = StatsRequest.ReadCount(query, "limit", DefaultLimit, CustomersStore.MaxRows, faults);
        var part = StatsRequest.Text(query, "q") is { } text && TextFaults.Check("q", text, StatsRequest.MaxLabelLength, faults) ? text : null;
        var ids = query[IdWord].OfType<string>().Where(id => id.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (ids.Count > CustomersStore.MaxRows)
        {
            faults.Add(new Fault(IdWord, FaultCodes.OutOfRange, $"{IdWord} may be given {CustomersStore.MaxRows} times."));
        }

        ids.ForEach(id => TextFaults.Check(IdWord, id, StatsRequest.MaxLabelLength, faults));
        string? after = null;
        if (StatsRequest.Text(query, "cursor") is { } cursor && (after = TextCursor.Parse(Cursor, cursor)) is null)
        {
            faults.Add(StatsRequest.BadCursor);
        }

        if (faults.Count > 0)
        {
            return Problems.Invalid(faults.ToImmutable());
        }

        if (ids.Count > 0)
        {
            var named = await store.ListAsync(caller.Account, ids, context.RequestAborted);
            return TypedResults.Ok(new CustomerPage([.. named.Select(CustomerAnswer.Of)], null));
        }

        var rows = await store.ListAsync(caller.Account, part, after, limit + 1, context.RequestAborted);
        var next = rows.Count > limit ? TextCursor.Of(Cursor, rows[limit - 1].Id) : null;
        return TypedResults.Ok(new CustomerPage([.. rows.Take(limit).Select(CustomerAnswer.Of)], next));
    }

    public async Task<Results<Ok<CustomerAnswer>, Problem>> GetAsync(Caller caller, HttpContext context) =>
        IsId(IdOf(context), out var id, []) && await store.GetAsync(caller.Account, id, context.RequestAborted) is { } row
            ? TypedResults.Ok(CustomerAnswer.Of(row))
            : NoSuchCustomer;

    /// <summary>Raw sample: <c>{"name":"Acme Inc","monthly_price_usd":49.00}</c>.</summary>
    public async Task<Results<Ok<CustomerAnswer>, Problem>> PutAsync(Caller caller, HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        var faults = new List<Fault>();
        if (!IsId(IdOf(context), out var id, faults))
        {
            faults.ForEach(fields.Add);
        }

        var name = fields.OptionalText("name", MaxNameLength)?.Trim();
        var price = fields.ExactUsd(MonthlyPrice);
        if (price < Usd.Zero || price > s_maxPrice)
        {
            fields.Add(MonthlyPrice, FaultCodes.OutOfRange, $"must be from 0 to {s_maxPrice}");
        }

        if (fields.Invalid is { } invalid)
        {
            return invalid;
        }

        var row = new CustomerRow(id, string.IsNullOrEmpty(name) ? null : name, price);
        return await ChangeAsync(caller, context, row) == CustomerChange.TooMany
            ? Problems.Conflict("too-many-customers", $"The account has names or prices of {CustomersStore.MaxCustomers} customers, and may not have more.")
            : TypedResults.Ok(CustomerAnswer.Of(row));
    }

    public async Task<Results<Ok<CustomerRemovedAnswer>, Problem>> DeleteAsync(Caller caller, HttpContext context) =>
        IsId(IdOf(context), out var id, []) && await ChangeAsync(caller, context, new CustomerRow(id, null, null)) == CustomerChange.Done
            ? TypedResults.Ok(new CustomerRemovedAnswer("success", "The customer's name and price are removed."))
            : NoSuchCustomer;

    /// <summary>Also for a customer of another account: the two must look alike.</summary>
    private static Problem NoSuchCustomer => Problems.NotFound("Nothing is said of a customer of this id.");

    private Task<CustomerChange> ChangeAsync(Caller caller, HttpContext context, CustomerRow row)
    {
        var (now, by) = (clock.GetUtcNow(), context.Actor());
        return store.PutAsync(
            caller.Account,
            row,
            before => new AuditEntry(
                caller.Account, now, by, row.IsEmpty ? AuditActions.CustomerDeleted : AuditActions.CustomerUpdated, new AuditObject("customer", row.Id, row.Name ?? before?.Name))
            {
                Before = Json(before),
                After = Json(row.IsEmpty ? null : row),
            },
            now,
            context.RequestAborted);
    }

    private static string? Json(CustomerRow? row) =>
        row is null ? null : new JsonObject
        {
            ["name"] = row.Name,
            ["monthly_price_usd"] = row.MonthlyPrice is { } price ? JsonNode.Parse(price.ToString()) : null,
        }.ToJsonString();

    private static bool IsId(string text, out string id, List<Fault> faults)
    {
        id = text;
        if (text.Length == 0)
        {
            faults.Add(new Fault(IdWord, FaultCodes.Required, "customer_id is required."));
            return false;
        }

        return TextFaults.Check(IdWord, text, StatsRequest.MaxLabelLength, faults);
    }

    /// <summary>
    /// The rest of the path as it was sent, decoded once: slashes may be escaped or not. The framework's own value keeps an escaped slash escaped, and then
    /// nobody can tell it from one that was escaped twice.
    /// </summary>
    private static string IdOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        var path = (query < 0 ? target : target[..query]).TrimEnd('/');
        var folder = path.IndexOf(Folder, StringComparison.OrdinalIgnoreCase);
        return Uri.UnescapeDataString(folder < 0 ? path[(path.LastIndexOf('/') + 1)..] : path[(folder + Folder.Length)..]);
    }
}
