namespace LlmObserve.Web.Api;

/// <summary>A person, as the API tells of them.</summary>
internal sealed record UserAnswer(string Id, string? Email, string? Name, bool EmailVerified);

/// <summary>An API key that was made just now, with its text.</summary>
internal sealed record NewKeyAnswer(string Key, string KeyPrefix, string Name);

/// <summary>Somebody signed in or up.</summary>
/// <param name="Token">Opens the API for an hour.</param>
/// <param name="RefreshToken">Gets the next token.</param>
/// <param name="ExpiresAt">When the token runs out.</param>
/// <param name="User">Who.</param>
/// <param name="ApiKey">At sign-up: the first key, shown this once.</param>
internal sealed record SignedInAnswer(string Token, string RefreshToken, DateTimeOffset ExpiresAt, UserAnswer User, NewKeyAnswer? ApiKey);

/// <summary>The next tokens of a session.</summary>
internal sealed record RefreshedAnswer(string Token, string RefreshToken, DateTimeOffset ExpiresAt);

/// <summary>The same session with another account.</summary>
internal sealed record SwitchedAnswer(string Token, DateTimeOffset ExpiresAt);

/// <summary>Who is signed in.</summary>
internal sealed record MeAnswer(UserAnswer User, bool HasUnseenKey);

/// <summary>An invitation, as whoever has its link may see it.</summary>
internal sealed record InvitationAnswer(string AccountName, string? InviterName, string? InviterEmail, string Role, string Email, DateTimeOffset ExpiresAt);

/// <summary>Something was done.</summary>
internal sealed record DoneAnswer(string? Status, string? Message);

/// <summary>An account as one of its members sees it.</summary>
internal sealed record AccountItemAnswer(
    string Id,
    string Name,
    string TimeZone,
    string Role,
    bool IsPersonal,
    bool IsCurrent,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt,
    DateTimeOffset? PurgeAt);

/// <summary>The accounts of a person.</summary>
internal sealed record AccountListAnswer(IReadOnlyList<AccountItemAnswer> Items);
