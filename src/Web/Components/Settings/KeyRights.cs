using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Api;
using LlmObserve.Web.Visits;

namespace LlmObserve.Web.Components.Settings;

/// <summary>Who changes, rotates and revokes which key.</summary>
internal static class KeyRights
{
    public static bool MayChange(Visit visit, KeyAnswer key) =>
        visit.May(AccountRole.Admin) || (visit.May(AccountRole.Member) && key.CreatedBy?.UserId == visit.User.Id);
}
