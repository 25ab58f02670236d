using LlmObserve.Api.Clerk;
using LlmObserve.Domain.Clerk;
using LlmObserve.Web.Clerk;

namespace LlmObserve.Silo;

/// <summary>How users sign in by Clerk, from the environment.</summary>
internal static class ClerkSettings
{
    /// <summary>Null where Clerk is not configured.</summary>
    /// <param name="configuration">Of the process.</param>
    /// <param name="webUrls">Where the dashboard listens: its pages' tokens are taken.</param>
    /// <exception cref="StartFailedException">It is configured wrongly; the message says everything that is.</exception>
    public static ClerkOptions? Read(IConfiguration configuration, string webUrls)
    {
        var faults = new List<string>();
        var clerk = ClerkOptions.Read(configuration, Origins(webUrls), faults);
        return faults.Count == 0 ? clerk : throw new StartFailedException(string.Join('\n', faults));
    }

    /// <summary>
    /// What the pages need of it, of the first instance: a process without the API reads no more than this. Null where Clerk is not configured.
    /// </summary>
    /// <exception cref="StartFailedException">The publishable key is missing or malformed.</exception>
    public static ClerkSite? Site(IConfiguration configuration)
    {
        if (string.IsNullOrWhiteSpace(configuration[ClerkOptions.IssuerVariable]))
        {
            return null;
        }

        var key = (configuration[ClerkOptions.PublishableKeyVariable] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault() ?? "";
        return ClerkPublishableKey.HostOf(key) is { } host
            ? new ClerkSite(key, host)
            : throw new StartFailedException($"{ClerkOptions.PublishableKeyVariable} is missing or malformed: the pages sign people in with it.");
    }

    private static IEnumerable<string> Origins(string webUrls)
    {
        foreach (var url in webUrls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal), UriKind.Absolute, out var uri))
            {
                continue;
            }

            yield return uri.GetLeftPart(UriPartial.Authority);
            if (uri.IsLoopback || uri.Host == "0.0.0.0")
            {
                // A browser says what is in its address bar.
                yield return new UriBuilder(uri) { Host = "localhost" }.Uri.GetLeftPart(UriPartial.Authority);
                yield return new UriBuilder(uri) { Host = "127.0.0.1" }.Uri.GetLeftPart(UriPartial.Authority);
            }
        }
    }
}
