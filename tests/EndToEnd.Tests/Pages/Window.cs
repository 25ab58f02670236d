using System.Globalization;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>A browser window of one person. What its pages complain about is kept, and no test may leave any.</summary>
public sealed class Window : IAsyncDisposable
{
    /// <summary>Of people who sign up on the page.</summary>
    public const string Password = "a sentence of mine";

    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    internal Window(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        Listen(page);
    }

    /// <summary>Its tab.</summary>
    public IPage Page { get; }

    /// <summary>Asserts that no script failed, nothing was missing, and nobody else was asked for anything, in any tab.</summary>
    public void AssertNoComplaints() => Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));

    /// <summary>Another tab of the same person.</summary>
    public async Task<IPage> OpenTabAsync()
    {
        var page = await _context.NewPageAsync();
        Listen(page);
        return page;
    }

    /// <summary>Signs up on the page, and gives the key that it shows.</summary>
    public async Task<string> SignUpAsync(string email)
    {
        await Page.GotoAsync("/sign-up");
        await Page.GetByLabel("Name").FillAsync("Ada");
        await Page.GetByLabel("E-mail").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(Password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        return (await Page.Locator("button[data-copy^='llmo_sk_']").First.GetAttributeAsync("data-copy"))!;
    }

    /// <summary>Signs in on the page.</summary>
    public async Task SignInAsync(string email, string password = Password)
    {
        await Page.GotoAsync("/sign-in");
        await Page.GetByLabel("E-mail").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
    }

    /// <summary>The exact figure below a heading of a row of figures: <c>Figure("This month")</c>.</summary>
    public ILocator Figure(string name) => Page.Locator(".kpi", new() { Has = Page.Locator("h3", new() { HasTextString = name }) }).Locator(".figure data").First;

    /// <summary>What an element with an exact value says.</summary>
    public static async Task<decimal> ValueAsync(ILocator figure) =>
        decimal.Parse((await figure.GetAttributeAsync("value"))!, CultureInfo.InvariantCulture);

    /// <summary>Exact values of a row's figures, by the row's heading.</summary>
    public async Task<decimal[]> RowAsync(string table, string row) =>
        [.. (await Page.Locator($"#{table} tbody tr", new() { Has = Page.Locator("th", new() { HasTextString = row }) }).First.Locator("data")
            .EvaluateAllAsync<string[]>("figures => figures.map(figure => figure.getAttribute('value'))")).Select(text => decimal.Parse(text, CultureInfo.InvariantCulture))];

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Listen(IPage page)
    {
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Add($"{message.Text} {message.Location} (on {page.Url})");
            }
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal) && new Uri(request.Url).Host is not ("127.0.0.1" or "localhost"))
            {
                _complaints.Add($"asked {request.Url}");
            }
        };
    }
}
