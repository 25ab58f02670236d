using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace LlmObserve.Api.Clerk;

/// <summary>One Clerk instance: what signs its tokens, and the keys of its APIs.</summary>
/// <param name="Issuer">As its tokens' <c>iss</c> says it: <c>https://clerk.example.com</c>, without a slash at the end.</param>
/// <param name="PublishableKey">For browsers: <c>pk_live_…</c>.</param>
/// <param name="SecretKey">For the Backend API: <c>sk_live_…</c>. Never leaves this server but for there.</param>
public sealed record ClerkInstance(string Issuer, string PublishableKey, string SecretKey)
{
    /// <summary>Records print their members; this one must not.</summary>
    public override string ToString() => Issuer;
}

/// <summary>How users sign in by Clerk; where nothing is set, they sign in by e-mail and password.</summary>
/// <param name="Instances">At least one.</param>
/// <param name="WebhookSecrets">The bytes that sign webhooks; several while one is replaced, or of several instances.</param>
/// <param name="AuthorizedParties">Origins whose tokens are taken, where a token names one.</param>
/// <param name="ApiUrl">Clerk's Backend API.</param>
public sealed record ClerkOptions(
    ImmutableArray<ClerkInstance> Instances,
    ImmutableArray<ImmutableArray<byte>> WebhookSecrets,
    ImmutableHashSet<string> AuthorizedParties,
    Uri ApiUrl)
{
    public const string SecretKeyVariable = "CLERK_SECRET_KEY";
    public const string PublishableKeyVariable = "CLERK_PUBLISHABLE_KEY";
    public const string IssuerVariable = "CLERK_ISSUER";
    public const string WebhookSecretVariable = "CLERK_WEBHOOK_SECRET";
    public const string AuthorizedPartiesVariable = "CLERK_AUTHORIZED_PARTIES";
    public const string ApiUrlVariable = "CLERK_API_URL";

    /// <summary>What the dashboard is reached by from outside; tokens of its pages name it.</summary>
    public const string PublicUrlVariable = "PUBLIC_URL";

    private const string DefaultApiUrl = "https://api.clerk.com";

    /// <summary>
    /// Reads the environment. Null where none of the four is set; <paramref name="faults"/> gets a sentence for everything that is wrong.
    /// </summary>
    /// <param name="configuration">Of the process.</param>
    /// <param name="ownOrigins">Where the dashboard listens: its tokens are taken where neither of the two variables says otherwise.</param>
    /// <param name="faults">Clerk must not be used, and neither must passwords, where this is not empty.</param>
    public static ClerkOptions? Read(IConfiguration configuration, IEnumerable<string> ownOrigins, ICollection<string> faults)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(ownOrigins);
        ArgumentNullException.ThrowIfNull(faults);
        var lists = new ClerkVariables(configuration, faults);
        if (!lists.AnyIsSet)
        {
            return null;
        }

        var before = faults.Count;
        var instances = lists.Instances();
        var secrets = lists.WebhookSecrets();
        var parties = lists.AuthorizedParties(ownOrigins);
        var api = lists.Address(ApiUrlVariable, configuration[ApiUrlVariable] is { Length: > 0 } set ? set.Trim() : DefaultApiUrl);
        return faults.Count == before ? new ClerkOptions(instances, secrets, parties, new Uri(api!)) : null;
    }

    /// <summary>Records print their members; this one must not.</summary>
    public override string ToString() => $"Clerk of {string.Join(", ", Instances)}";
}
