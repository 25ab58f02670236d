using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Periods;
using LlmObserve.Web.Api;

namespace LlmObserve.Web.Visits;

/// <summary>Who looks at a page, and at which account.</summary>
/// <param name="User">The person.</param>
/// <param name="HasUnseenKey">Whether the person's first key waits to be shown.</param>
/// <param name="Account">The account that the session opens.</param>
/// <param name="Accounts">All that the person belongs to.</param>
/// <param name="Zone">The account's.</param>
/// <param name="Role">What the person is there.</param>
/// <param name="Now">The time that the page is of.</param>
internal sealed record Visit(
    UserAnswer User, bool HasUnseenKey, AccountItemAnswer Account, IReadOnlyList<AccountItemAnswer> Accounts, AccountZone Zone, AccountRole Role,
    DateTimeOffset Now)
{
    /// <summary>Whether the person may change what a role of at least <paramref name="role"/> may.</summary>
    public bool May(AccountRole role) => Role >= role;
}
