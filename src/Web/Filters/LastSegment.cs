using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LlmObserve.Web.Filters;

/// <summary>
/// The last segment of the path as the browser sent it, decoded once. The framework's own value keeps an escaped slash escaped, and then nobody
/// can tell it from one that was escaped twice; ids are what users' programs say.
/// </summary>
internal static class LastSegment
{
    public static string Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        var path = (query < 0 ? target : target[..query]).TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
