namespace LlmObserve.Silo;

/// <summary>What the command line says.</summary>
/// <param name="Urls">The API's address, or several between semicolons. Port 0 takes a free one.</param>
/// <param name="WebUrls">The dashboard's, likewise.</param>
/// <param name="Data">The directory for everything that is kept.</param>
public sealed record ServerOptions(string Urls, string WebUrls, string Data)
{
    /// <summary>The defaults of <c>./dev run</c>.</summary>
    public static ServerOptions Default { get; } = new("http://localhost:8000", "http://localhost:3000", "./.data");
}
