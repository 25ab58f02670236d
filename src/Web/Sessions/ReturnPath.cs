namespace LlmObserve.Web.Sessions;

/// <summary>Where a person goes after signing in: a page of ours, whatever the address bar says.</summary>
internal static class ReturnPath
{
    /// <summary>The path, or the first page where it leads anywhere else: <c>//elsewhere</c> and <c>/\elsewhere</c> are other sites to a browser.</summary>
    public static string Of(string? path) =>
        path is ['/', ..] && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(char.IsControl) ? path : "/";
}
