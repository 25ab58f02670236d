using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>A real browser, and a server for its pages. Tests open windows of their own, with cookies of their own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    /// <summary>Starts it.</summary>
    public async Task InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            // Its sandbox refuses to run as root, and what it opens here is ours.
            Args = ["--no-sandbox"],
        });
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    /// <summary>A window of somebody who has never been here.</summary>
    /// <param name="dashboard">Where relative addresses lead.</param>
    /// <param name="dark">What the person's system likes.</param>
    /// <param name="width">In pixels.</param>
    public async Task<Window> OpenAsync(Uri dashboard, bool dark = false, int width = 1360)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = dashboard.AbsoluteUri,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            Locale = "en-GB",
            AcceptDownloads = true,
        });
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        context.SetDefaultTimeout((float)Harness.Wait.Patience.TotalMilliseconds);
        return new Window(context, await context.NewPageAsync());
    }

    private static string Executable => Environment.GetEnvironmentVariable("LLMOBSERVE_CHROMIUM") ?? (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("There is no Chromium: run ./dev test EndToEnd, install it, or name it in LLMOBSERVE_CHROMIUM.");
}
