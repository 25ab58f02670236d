using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Settings;

/// <summary>What surrounds the pages of the settings: links to the others, and what was done just now.</summary>
public sealed partial class SettingsFrame : LayoutComponentBase
{
    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    private IEnumerable<SettingsPlace> Places { get; set; } = [];

    /// <summary>Not after another form was sent from the same address.</summary>
    private string? Done => HttpMethods.IsGet(Context.Request.Method) ? DoneSentence.Of(Context.Request.Query[DoneSentence.Word]) : null;

    protected override async Task OnInitializedAsync()
    {
        var role = (await Visits.GetAsync()).Value?.Role ?? AccountRole.Viewer;
        Places = SettingsPlaces.All.Where(place => role >= place.Least);
    }
}
