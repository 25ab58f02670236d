using System.Globalization;
using LlmObserve.Domain.Accounts;
using LlmObserve.Web.Api;
using LlmObserve.Web.Components.Settings;
using LlmObserve.Web.Sessions;
using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Pages.Settings;

/// <summary>The account that the session opens, and those that were closed.</summary>
public sealed partial class Account : SettingsPage
{
    /// <summary>Of the audit log: enough to see that it is one; all of it is a file.</summary>
    private const int AuditRows = 10;

    [SupplyParameterFromForm] private AccountForm? Changing { get; set; }

    [SupplyParameterFromForm] private AccountForm? Making { get; set; }

    [SupplyParameterFromForm] private ChecksForm? Checking { get; set; }

    [SupplyParameterFromForm] private ClosingForm? Closing { get; set; }

    [SupplyParameterFromForm] private RestoringForm? Restoring { get; set; }

    private CheckSettingsAnswer? Checks { get; set; }

    private IReadOnlyList<AuditEntryAnswer> Audit { get; set; } = [];

    private IReadOnlyList<AccountItemAnswer> Closed { get; set; } = [];

    private bool MayClose => Visit.May(AccountRole.Owner) && Visit.Account is { IsPersonal: false, ClosedAt: null };

    private string? Policy => Checking is null ? Checks?.UnpricedPolicy : Checking.Policy;

    private string Path => $"/tenants/{Visit.Account.Id}";

    private protected override async Task LoadAsync()
    {
        var checks = Api.GetAsync<CheckSettingsAnswer>("/caps/settings");
        if (Visit.May(AccountRole.Admin))
        {
            var audit = await Api.GetAsync<PageAnswer<AuditEntryAnswer>>($"/audit?limit={AuditRows}");
            (Audit, Unread) = (audit.Value?.Items ?? [], audit.Problem);
        }

        var answer = await checks;
        Checks = answer.Value;
        Unread ??= answer.Problem;
        Closed = [.. Visit.Accounts.Where(account => account is { ClosedAt: not null, IsPersonal: false } && account.Role == AccountRole.Owner.ToWire())];
    }

    private async Task ChangeAsync() => Finish(
        "account",
        await Api.PatchAsync<AccountItemAnswer>(Path, new { name = Changing?.Name ?? "", time_zone = Changing?.TimeZone ?? "" }),
        SettingsPlaces.Account,
        "account");

    private async Task ChangeChecksAsync()
    {
        if (!decimal.TryParse(Checking?.Percent, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent is <= 0 or > 100)
        {
            Refuse("checks", "The most that one call may set aside must be above 0 and up to 100 percent.");
            return;
        }

        var body = new { unpriced_policy = Checking?.Policy ?? "", max_hold_share = percent / 100 };
        Finish("checks", await Api.PatchAsync<CheckSettingsAnswer>("/caps/settings", body), SettingsPlaces.Account, "checks");
    }

    private async Task MakeAsync()
    {
        var zone = string.IsNullOrWhiteSpace(Making?.TimeZone) ? null : Making.TimeZone;
        if (Take("make", await Api.PostAsync<AccountItemAnswer>("/tenants", new { name = Making?.Name ?? "", time_zone = zone })) is not { } made)
        {
            return;
        }

        var switched = (await Api.PostAsync<SwitchedAnswer>("/auth/switch", new { tenant_id = made.Id })).Value;
        if (switched is not null)
        {
            await SessionCookie.SwitchAsync(Context, switched);
        }

        Finish(SettingsPlaces.Account, switched is null ? "made-elsewhere" : "made");
    }

    private async Task CloseAsync()
    {
        if (Take("close", await Api.DeleteAsync<AccountItemAnswer>(Path, new { confirm = Closing?.Confirm ?? "" })) is not null)
        {
            // The session's token opens the closed account, which is nothing any more.
            await SessionCookie.ReopenAsync(Context, Api);
            Finish(SettingsPlaces.Account, "closed");
        }
    }

    private async Task RestoreAsync() => Finish(
        "restore",
        await Api.PostAsync<AccountItemAnswer>($"/tenants/{Uri.EscapeDataString(Restoring?.Id ?? "")}/restore"),
        SettingsPlaces.Account,
        "restored");

    private static string PercentOf(CheckSettingsAnswer checks) => (100 * checks.MaxHoldShare).ToString("0.#######", CultureInfo.InvariantCulture);

    private sealed class AccountForm
    {
        public string? Name { get; set; }

        public string? TimeZone { get; set; }
    }

    private sealed class ChecksForm
    {
        public string? Policy { get; set; }

        /// <summary>As typed: what is no number is shown again.</summary>
        public string? Percent { get; set; }
    }

    private sealed class ClosingForm
    {
        public string? Confirm { get; set; }
    }

    private sealed class RestoringForm
    {
        public string? Id { get; set; }
    }
}
