namespace LlmObserve.Mail;

/// <summary>
/// The dashboard as people reach it, which links in mails begin with. Never taken from a request: its headers are the sender's to choose.
/// </summary>
/// <param name="configured"><c>PUBLIC_URL</c>; null takes where the dashboard listens.</param>
/// <param name="expected">Where it will listen, for what is sent before it does.</param>
public sealed class PublicAddress(Uri? configured, Uri expected)
{
    private volatile Uri _base = configured ?? expected;

    /// <summary>Says where the dashboard really listens; <c>PUBLIC_URL</c> wins.</summary>
    public void Listens(Uri address) => _base = configured ?? address;

    /// <summary>The address of a page.</summary>
    /// <param name="pathAndQuery">The page, and what it is told; values are escaped already.</param>
    public Uri Link(string pathAndQuery) => new($"{_base.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{pathAndQuery.TrimStart('/')}");
}
