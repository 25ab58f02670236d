using LlmObserve.Domain.Accounts;

namespace LlmObserve.Web.Components.Settings;

/// <summary>A page of the settings.</summary>
/// <param name="Path">Its address; pages below it belong to it.</param>
/// <param name="Name">On its link.</param>
/// <param name="Least">Who is less sees no link to it.</param>
internal sealed record SettingsPlace(string Path, string Name, AccountRole Least = AccountRole.Viewer);

/// <summary>The pages of the settings, in the order of their links. A new page is entered here.</summary>
internal static class SettingsPlaces
{
    public const string Profile = "/settings";
    public const string Keys = "/settings/keys";
    public const string Members = "/settings/members";
    public const string Account = "/settings/account";
    public const string Prices = "/settings/prices";

    public static readonly IReadOnlyList<SettingsPlace> All =
    [
        new(Profile, "Profile"),
        new(Keys, "API keys", AccountRole.Member),
        new(Members, "Members"),
        new(Account, "Account"),
        new(Prices, "Prices"),
    ];

    /// <summary>Whether an address is that of the place, or of a page below it.</summary>
    public static bool IsAt(SettingsPlace place, string path) =>
        path == place.Path || (place.Path != Profile && path.StartsWith(place.Path + "/", StringComparison.Ordinal));
}
