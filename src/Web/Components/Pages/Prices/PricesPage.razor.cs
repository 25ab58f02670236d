using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.Web.Api;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Formats;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages.Prices;

/// <summary>What models cost: the account's own prices, the models that have none, and the price book.</summary>
public sealed partial class PricesPage : ComponentBase
{
    /// <summary>As many models as one answer lists; those without a price are few among them.</summary>
    private const int Models = 200;

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [SupplyParameterFromForm(FormName = "price")] private PriceForm? Form { get; set; }

    [SupplyParameterFromForm(FormName = "raw")] private RawForm? Raw { get; set; }

    [SupplyParameterFromForm] private GoneForm? Gone { get; set; }

    /// <summary>What stands in the form.</summary>
    private PriceForm Asked { get; set; } = new();

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private PricingAnswer? Pricing { get; set; }

    private BookPageAnswer? Book { get; set; }

    private IReadOnlyList<LlmFigures> Unpriced { get; set; } = [];

    private string? Search { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var query = Context.Request.Query;
        Search = PageFilter.Text(query, "q");
        Asked = Form ?? new PriceForm { Provider = PageFilter.Text(query, "provider"), Model = PageFilter.Text(query, "model") };
        if ((Visit = (await Visits.GetAsync()).Value) is null)
        {
            return;
        }

        var book = Api.GetAsync<BookPageAnswer>($"/pricing/book?{QueryText.Of(("q", Search), ("limit", $"{TableView.Rows}"), ("cursor", PageFilter.Text(query, "cursor")))}");
        var models = Api.GetAsync<LlmsAnswer>($"/stats/llms?hours=720&limit={Models}");
        var pricing = await Api.GetAsync<PricingAnswer>("/pricing/");
        (Pricing, Book) = (pricing.Value, (await book).Value);
        Unpriced = [.. ((await models).Value?.Items ?? []).Where(row => row.UnpricedCount > 0)];
        Problem = pricing.Problem ?? (await book).Problem ?? (await models).Problem;
    }

    private Task SetAsync()
    {
        var prices = new JsonObject();
        foreach (var (kind, text) in new[] { ("input", Asked.Input), ("output", Asked.Output), ("cache_read", Asked.CacheRead), ("requests", Asked.Requests) })
        {
            if (TypedNumber.ToJson(text) is { } usd)
            {
                prices[kind] = usd;
            }
        }

        var price = new JsonObject { ["provider"] = Asked.Provider?.Trim(), ["prices"] = prices };
        if (!string.IsNullOrWhiteSpace(Asked.Model))
        {
            price["model"] = Asked.Model.Trim();
        }

        var others = Copies().Where(other => !Same(other, "provider", Asked.Provider) || !Same(other, "model", Asked.Model));
        return SendAsync([.. others, price], Asked.Version);
    }

    private Task RemoveAsync() => Gone is { } gone ? SendAsync([.. Copies().Where((_, i) => i != gone.Index)], gone.Version) : Task.CompletedTask;

    private async Task ReplaceAsync()
    {
        try
        {
            if (JsonNode.Parse(Raw?.Text ?? "") is JsonArray list)
            {
                await SendAsync(list, Raw!.Version);
                return;
            }

            Problem = ApiProblem.Local("That is JSON, but no list: begin with [ and end with ].");
        }
        catch (JsonException malformed)
        {
            Problem = ApiProblem.Local($"That is no JSON: line {malformed.LineNumber + 1}, character {malformed.BytePositionInLine + 1}.");
        }
    }

    private async Task SendAsync(JsonArray overrides, long version)
    {
        var saved = await Api.PutAsync<PricingAnswer>("/pricing/", new { version, overrides });
        Problem = saved.Problem;
        if (saved.Value is not null)
        {
            Navigation.NavigateTo("/settings/prices");
        }
    }

    private IEnumerable<JsonNode> Copies() => Pricing!.Overrides.Select(price => price!.DeepClone());

    private static bool Same(JsonNode price, string name, string? text) =>
        string.Equals(OwnPrice.Text(price, name) ?? "", text?.Trim() ?? "", StringComparison.OrdinalIgnoreCase);

    private sealed class PriceForm
    {
        public string? Provider { get; set; }

        public string? Model { get; set; }

        public string? Input { get; set; }

        public string? Output { get; set; }

        public string? CacheRead { get; set; }

        public string? Requests { get; set; }

        public long Version { get; set; }
    }

    private sealed class RawForm
    {
        public string? Text { get; set; }

        public long Version { get; set; }
    }

    private sealed class GoneForm
    {
        public int Index { get; set; }

        public long Version { get; set; }
    }
}
