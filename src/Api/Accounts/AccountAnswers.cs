using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Api.Callers;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Accounts;

namespace LlmObserve.Api.Accounts;

/// <summary>An account as one of its members sees it.</summary>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="Name">Shown to its members.</param>
/// <param name="TimeZone">IANA id; decides where days, weeks and months begin.</param>
/// <param name="Role">What you are there.</param>
/// <param name="IsPersonal">Whether it is your personal account.</param>
/// <param name="IsCurrent">Whether your session opens it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ClosedAt">Since when it is closed; null while it is open.</param>
/// <param name="PurgeAt">When its data is deleted for good; until then an owner may restore it.</param>
internal sealed record AccountItem(
    string Id,
    string Name,
    string TimeZone,
    string Role,
    bool IsPersonal,
    bool IsCurrent,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt,
    DateTimeOffset? PurgeAt)
{
    public static AccountItem FromRow(UserAccountRow row, Caller caller) => new(
        row.Id.ToString(), row.Name, row.TimeZone, row.Role.ToWire(), row.IsPersonal, row.Id == caller.Account, row.CreatedAt, row.ClosedAt, row.PurgeAt);
}

/// <summary>The signed-in user's accounts.</summary>
internal sealed record AccountList(ImmutableArray<AccountItem> Items, string? NextCursor);

/// <summary>Somebody in an account.</summary>
internal sealed record MemberItem(string UserId, string? Email, string? Name, string Role, DateTimeOffset JoinedAt)
{
    public static MemberItem FromRow(MemberRow row) => new(row.User.ToString(), row.Email, row.Name, row.Role.ToWire(), row.JoinedAt);
}

/// <summary>The people of an account.</summary>
internal sealed record MemberList(ImmutableArray<MemberItem> Items, string? NextCursor);

/// <summary>Somebody is no longer in an account.</summary>
internal sealed record MemberRemoved(string Status, string Message);

/// <summary>What <c>POST /tenants</c> takes.</summary>
internal sealed record NewAccountBody(string Name, string? TimeZone);

/// <summary>What <c>PATCH /tenants/{id}</c> takes: only what is sent changes.</summary>
internal sealed record AccountChangeBody(string? Name, string? TimeZone);

/// <summary>What <c>PATCH /tenants/{id}/members/{user_id}</c> takes.</summary>
internal sealed record RoleBody(string Role);

/// <summary>What <c>POST /tenants/{id}/transfer</c> takes.</summary>
internal sealed record TransferBody(string UserId);

[JsonSerializable(typeof(AccountItem))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(MemberItem))]
[JsonSerializable(typeof(MemberList))]
[JsonSerializable(typeof(MemberRemoved))]
internal sealed partial class AccountsJson : JsonSerializerContext;
