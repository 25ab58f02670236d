using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Money;
using LlmObserve.Storage.Customers;

namespace LlmObserve.Api.Customers;

/// <summary>What the account says of its own customers: what they are called, and what they pay.</summary>
internal static class CustomersFeature
{
    public static IServiceCollection AddCustomers(this IServiceCollection services) =>
        services.AddSingleton<CustomersEndpoints>().AddJson(CustomersJson.Default);

    public static void MapCustomers(this IEndpointRouteBuilder app)
    {
        // The rest of the path, whatever is in it: an id is the account's own text, and may hold slashes.
        const string One = "/{**customer_id}";
        var customers = app.MapGroup("/customers").WithTags("Customers").Accept(CallerRule.SessionOrKey(ApiScope.Read));
        var change = CallerRule.Session.AtLeast(AccountRole.Member);
        customers.MapGet("", (CustomersEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ListAsync(caller, context))
            .WithQuery(
                new QueryParameter("q", "A part of the id or the name."),
                new QueryParameter(CustomersEndpoints.IdWord, "Only the one with this id; given up to 200 times, those with these ids, all at once and whatever else is asked for."),
                new QueryParameter("limit", "How many.", Max: CustomersStore.MaxRows, Default: CustomersEndpoints.DefaultLimit),
                new QueryParameter("cursor", "The next_cursor of the page before."))
            .WithSummary("Customers of the account that have a name or a price, by id.");
        customers.MapGet(One, (string customer_id, CustomersEndpoints endpoints, Caller caller, HttpContext context) => endpoints.GetAsync(caller, context))
            .WithSummary("One customer that has a name or a price.");
        customers.MapPut(One, (string customer_id, CustomersEndpoints endpoints, Caller caller, HttpContext context) => endpoints.PutAsync(caller, context))
            .WithBody<CustomerBody>("What is said of the customer from now on.")
            .Accept(change)
            .WithSummary("Says what a customer is called and what they pay each month; without both, nothing any more.");
        customers.MapDelete(One, (string customer_id, CustomersEndpoints endpoints, Caller caller, HttpContext context) => endpoints.DeleteAsync(caller, context))
            .Accept(change)
            .WithSummary("Takes a customer's name and price away. Their events stay.");
    }
}

/// <summary>One page of customers.</summary>
internal sealed record CustomerPage(IReadOnlyList<CustomerAnswer> Items, string? NextCursor);

/// <summary>What the account says of one of its own customers.</summary>
/// <param name="CustomerId">As events have it.</param>
/// <param name="Name">Null where the id says enough.</param>
/// <param name="MonthlyPriceUsd">US dollars that the customer pays the account each month; null where that is not known.</param>
internal sealed record CustomerAnswer(string CustomerId, string? Name, Usd? MonthlyPriceUsd)
{
    public static CustomerAnswer Of(CustomerRow row) => new(row.Id, row.Name, row.MonthlyPrice);
}

/// <summary>A customer's name and price were taken away.</summary>
internal sealed record CustomerRemovedAnswer(string Status, string Message);

[JsonSerializable(typeof(CustomerPage))]
[JsonSerializable(typeof(CustomerRemovedAnswer))]
internal sealed partial class CustomersJson : JsonSerializerContext;
