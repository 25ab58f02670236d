using LlmObserve.Web.Api;
using LlmObserve.Web.Clerk;
using LlmObserve.Web.Filters;
using LlmObserve.Web.Sessions;
using LlmObserve.Web.Visits;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Layout;

/// <summary>What surrounds every page of an account: where one can go, which account it is, and whether its figures are live.</summary>
public sealed partial class Shell : LayoutComponentBase
{
    private static readonly (string Path, string Name, string Icon, string Key)[] Pages =
    [
        ("/", "Overview", "overview", "o"),
        ("/llms", "LLMs", "llms", "l"),
        ("/infrastructure", "Infrastructure", "infrastructure", "i"),
        ("/agents", "Agents", "agents", "a"),
        ("/customers", "Customers", "customers", "c"),
        ("/runs", "Runs", "runs", "r"),
        ("/caps", "Caps", "caps", "p"),
        ("/settings", "Settings", "settings", "s"),
    ];

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    [Inject] private ApiClient Api { get; set; } = null!;

    [Inject] private VisitSource Visits { get; set; } = null!;

    [Inject] private SignInWay Way { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private Visit? Visit { get; set; }

    private ApiProblem? Problem { get; set; }

    private PageFilter Filter { get; set; } = new();

    private string Path => Context.Request.Path + Context.Request.QueryString.ToString();

    protected override async Task OnInitializedAsync()
    {
        Filter = PageFilter.Read(Context.Request.Query);
        var answer = await Visits.GetAsync();
        (Visit, Problem) = (answer.Value, answer.Problem);
        if (Problem?.Code == "not-a-member" && await SessionCookie.ReopenAsync(Context, Api))
        {
            // Removed, or the account was closed, while the person looked at it: they go on in another of theirs.
            Navigation.NavigateTo("/");
        }
        else if (Problem?.Status == StatusCodes.Status401Unauthorized)
        {
            // Signed out elsewhere: the cookie does not know yet.
            await Context.SignOutAsync();
            Navigation.NavigateTo($"/sign-in?return={Uri.EscapeDataString(Path)}");
        }
        else if (Problem is not null)
        {
            Context.Response.AnswerWith(Problem.Status == 0 ? StatusCodes.Status503ServiceUnavailable : Problem.Status);
        }
    }

    /// <summary>Accounts that can be opened in its place; not where an identity provider says which is open.</summary>
    private List<AccountItemAnswer> Others(Visit visit) =>
        Way.Clerk is null ? [.. visit.Accounts.Where(account => account is { IsCurrent: false, ClosedAt: null })] : [];

    private bool IsHere(string path) => path == "/"
        ? Context.Request.Path == "/"
        : Context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal);
}
