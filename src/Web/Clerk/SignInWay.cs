namespace LlmObserve.Web.Clerk;

/// <summary>How people sign in.</summary>
/// <param name="Clerk">Where Clerk signs them in; null where they have passwords here.</param>
public sealed record SignInWay(ClerkSite? Clerk);

/// <summary>The instance of Clerk whose forms the pages show.</summary>
/// <param name="PublishableKey">For browsers: <c>pk_live_…</c>.</param>
/// <param name="Host">Where its scripts come from, without the scheme: the key says it.</param>
public sealed record ClerkSite(string PublishableKey, string Host);
