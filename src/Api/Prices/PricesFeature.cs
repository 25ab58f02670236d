using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using LlmObserve.Api.OpenApi;
using LlmObserve.Domain.Accounts;

namespace LlmObserve.Api.Prices;

/// <summary>What calls cost: the price book, and what an account pays where that differs.</summary>
internal static class PricesFeature
{
    public static IServiceCollection AddPrices(this IServiceCollection services) =>
        services.AddSingleton<PricesEndpoints>().AddSingleton<BookEndpoint>().AddJson(PricesJson.Default);

    public static void MapPrices(this IEndpointRouteBuilder app)
    {
        var prices = app.MapGroup("/pricing").WithTags("Prices").Accept(CallerRule.SessionOrKey(ApiScope.Read));
        prices.MapGet("/", (PricesEndpoints endpoints, Caller caller, HttpContext context) => endpoints.GetAsync(caller, context))
            .WithSummary("What the account pays where that differs from the price book.");
        prices.MapPut("/", (PricesEndpoints endpoints, Caller caller, HttpContext context) => endpoints.ReplaceAsync(caller, context))
            .WithBody<PricingBody>("All of the account's own prices, and the version that they take the place of.")
            .WithMetadata(new BodyLimit(PricesEndpoints.MaxBodyBytes))
            // No key: members make keys, and this is for admins.
            .Accept(CallerRule.Session.AtLeast(AccountRole.Admin))
            .WithSummary("Replaces the account's own prices. What was recorded before keeps its cost.");
        prices.MapGet("/book", (BookEndpoint endpoint, HttpContext context) => endpoint.List(context))
            .WithQuery(
                new QueryParameter("q", "A part of the provider's or model's name."),
                new QueryParameter("provider", "One provider, by any of its names."),
                new QueryParameter("limit", "How many.", Max: BookEndpoint.MaxLimit, Default: BookEndpoint.DefaultLimit),
                new QueryParameter("cursor", "The next_cursor of the page before."))
            .WithSummary("The price book, by provider and model, with the prices that hold now.");
    }
}

[JsonSerializable(typeof(PricingAnswer))]
[JsonSerializable(typeof(BookPage))]
internal sealed partial class PricesJson : JsonSerializerContext;
