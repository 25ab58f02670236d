namespace LlmObserve.Web.Api;

/// <summary>A list that is not cut into pages.</summary>
internal sealed record ItemsAnswer<T>(IReadOnlyList<T> Items);

/// <summary>Where a person is signed in.</summary>
internal sealed record SessionAnswer(
    string Id, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, DateTimeOffset ExpiresAt, string? Ip, string? UserAgent, bool IsCurrent);

/// <summary>Who made a key.</summary>
internal sealed record KeyMakerAnswer(string UserId, string? Email, string? Name);

/// <summary>A key, without its text.</summary>
internal sealed record KeyAnswer(
    string Id,
    string Name,
    string KeyPrefix,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? ExpiresAt,
    IReadOnlyList<string>? AllowedIps,
    string? RotatedTo,
    KeyMakerAnswer? CreatedBy);

/// <summary>Somebody in an account.</summary>
internal sealed record MemberAnswer(string UserId, string? Email, string? Name, string Role, DateTimeOffset JoinedAt)
{
    /// <summary>What they are called on pages.</summary>
    public string Called => Name ?? Email ?? "somebody without a name";
}

/// <summary>An invitation that nobody has accepted yet.</summary>
/// <param name="Id">To withdraw it by.</param>
/// <param name="Email">Whom it is for.</param>
/// <param name="Role">What they are to be.</param>
/// <param name="InvitedBy">Who sent it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">The link opens nothing from then on.</param>
/// <param name="MailQueued">Of one that was made just now: whether its mail is on the way.</param>
internal sealed record OpenInvitationAnswer(
    string Id, string Email, string Role, string? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, bool? MailQueued);

/// <summary>What the account's checks go by.</summary>
/// <param name="UnpricedPolicy">allow or deny.</param>
/// <param name="MaxHoldShare">Of a hard cap's limit, above 0 and up to 1.</param>
internal sealed record CheckSettingsAnswer(string UnpricedPolicy, decimal MaxHoldShare);

/// <summary>Who did something.</summary>
internal sealed record AuditActorAnswer(string Kind, string? Name);

/// <summary>What was changed.</summary>
internal sealed record AuditObjectAnswer(string? Name);

/// <summary>One line of the audit log.</summary>
internal sealed record AuditEntryAnswer(DateTimeOffset At, AuditActorAnswer Actor, string Action, AuditObjectAnswer Object, string? Ip);
