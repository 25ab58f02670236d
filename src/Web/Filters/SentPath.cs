using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LlmObserve.Web.Filters;

/// <summary>
/// Ids in the path as the browser sent it, decoded once. The framework's own value keeps an escaped slash escaped, or decodes it twice, and then nobody
/// can tell it from one that was escaped twice; ids are what users' programs say.
/// </summary>
internal static class SentPath
{
    /// <summary>The last segment.</summary>
    public static string LastOf(HttpContext context) => LastOf(Of(context));

    /// <summary>All behind a folder, slashes too: <c>eu/acme</c> of <c>/customers/eu/acme</c>.</summary>
    public static string After(HttpContext context, string folder)
    {
        var path = Of(context);
        var at = path.IndexOf(folder, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? LastOf(path) : Uri.UnescapeDataString(path[(at + folder.Length)..]);
    }

    private static string LastOf(ReadOnlySpan<char> path) => Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);

    private static ReadOnlySpan<char> Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        return (query < 0 ? target : target[..query]).TrimEnd('/');
    }
}
