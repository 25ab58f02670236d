using System.Collections.Immutable;
using System.Text.Json.Serialization;
using LlmObserve.Domain.Accounts;
using LlmObserve.Storage.Invitations;

namespace LlmObserve.Api.Accounts;

/// <summary>An open invitation.</summary>
internal sealed record InvitationItem(string Id, string Email, string Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    public static InvitationItem FromRow(InvitationRow row) =>
        new(row.Id.ToString("N"), row.Email, row.Role.ToWire(), row.InvitedBy, row.CreatedAt, row.ExpiresAt);
}

/// <summary>An account's open invitations.</summary>
internal sealed record InvitationList(ImmutableArray<InvitationItem> Items, string? NextCursor);

/// <summary>An invitation that was made just now.</summary>
/// <param name="Id">To withdraw it by.</param>
/// <param name="Email">Whom it is for.</param>
/// <param name="Role">What they are to be.</param>
/// <param name="InvitedBy">Your address.</param>
/// <param name="CreatedAt">Now.</param>
/// <param name="ExpiresAt">The link opens nothing from then on.</param>
/// <param name="MailQueued">Whether its mail is on the way; false where too many wait: invite the address again later.</param>
internal sealed record SentInvitation(
    string Id, string Email, string Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, bool MailQueued)
{
    public static SentInvitation Of(InvitationRow row, bool isQueued) =>
        new(row.Id.ToString("N"), row.Email, row.Role.ToWire(), row.InvitedBy, row.CreatedAt, row.ExpiresAt, isQueued);
}

/// <summary>What the link of a mail opens.</summary>
internal sealed record InvitationPreviewItem(
    string AccountName, string? InviterName, string? InviterEmail, string Role, string Email, DateTimeOffset ExpiresAt)
{
    public static InvitationPreviewItem Of(InvitationPreview preview) => new(
        preview.AccountName, preview.InviterName, preview.InviterEmail, preview.Role.ToWire(), preview.Email, preview.ExpiresAt);
}

/// <summary>An invitation was taken back.</summary>
internal sealed record InvitationWithdrawn(string Status, string Message);

/// <summary>What <c>POST /tenants/{id}/invitations</c> takes.</summary>
internal sealed record InvitationBody(string Email, string Role);

/// <summary>What <c>POST /invitations/preview</c> and <c>POST /invitations/accept</c> take.</summary>
internal sealed record TokenBody(string Token);

[JsonSerializable(typeof(InvitationList))]
[JsonSerializable(typeof(SentInvitation))]
[JsonSerializable(typeof(InvitationPreviewItem))]
[JsonSerializable(typeof(InvitationWithdrawn))]
internal sealed partial class InvitationsJson : JsonSerializerContext;
