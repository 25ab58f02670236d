using LlmObserve.Domain.Accounts;
using LlmObserve.Domain.Periods;
using LlmObserve.Web.Api;

namespace LlmObserve.Web.Visits;

/// <summary>The visit of one request: the layout and the page ask for it, the API is asked once.</summary>
internal sealed class VisitSource(ApiClient api, TimeProvider clock)
{
    private Task<ApiAnswer<Visit>>? _visit;

    public Task<ApiAnswer<Visit>> GetAsync() => _visit ??= AskAsync();

    private async Task<ApiAnswer<Visit>> AskAsync()
    {
        var asked = api.GetAsync<AccountListAnswer>("/tenants");
        var me = await api.GetAsync<MeAnswer>("/auth/me");
        var accounts = await asked;
        if (me.Value is null || accounts.Value is null)
        {
            return new ApiAnswer<Visit>(null, me.Problem ?? accounts.Problem);
        }

        var account = accounts.Value.Items.Single(item => item.IsCurrent);
        return new ApiAnswer<Visit>(
            new Visit(
                me.Value.User,
                me.Value.HasUnseenKey,
                account,
                accounts.Value.Items,
                AccountZone.Parse(account.TimeZone),
                AccountRoles.FromStored(account.Role),
                clock.GetUtcNow()),
            null);
    }
}
