using LlmObserve.Domain.Accounts;

namespace LlmObserve.Storage.Audit;

/// <summary>A stored entry of the audit log.</summary>
/// <param name="Id">In order of time.</param>
/// <param name="At">When it was done.</param>
/// <param name="IsInstallation">It concerns the whole installation, not one account.</param>
/// <param name="ActorKind">user, api_key, clerk, operator or system.</param>
/// <param name="ActorId">The user's, the key's or the message's id.</param>
/// <param name="ActorName">As they were called then.</param>
/// <param name="Action">object.verb.</param>
/// <param name="ObjectKind">What kind of object.</param>
/// <param name="ObjectId">Its public id.</param>
/// <param name="ObjectName">As it was called then.</param>
/// <param name="Ip">Where the request came from.</param>
/// <param name="RequestId">Its <c>X-Request-Id</c>.</param>
/// <param name="Before">JSON; null where there was nothing.</param>
/// <param name="After">JSON; null where nothing was left.</param>
public sealed record AuditRow(
    Guid Id,
    DateTimeOffset At,
    bool IsInstallation,
    string ActorKind,
    string? ActorId,
    string? ActorName,
    string Action,
    string ObjectKind,
    string? ObjectId,
    string? ObjectName,
    string? Ip,
    string? RequestId,
    string? Before,
    string? After);

/// <summary>Which entries are asked for; null asks for all.</summary>
/// <param name="Account">Whose.</param>
/// <param name="From">The first instant.</param>
/// <param name="To">The instant after the last.</param>
/// <param name="Action">One action, <c>cap.updated</c>, or all of one kind of object, <c>cap</c>.</param>
/// <param name="Actor">An id or a name, exactly.</param>
/// <param name="ObjectId">One object's.</param>
public sealed record AuditQuery(AccountId Account, DateTimeOffset? From, DateTimeOffset? To, string? Action, string? Actor, string? ObjectId);

/// <summary>Where a page ended.</summary>
public readonly record struct AuditPosition(DateTimeOffset At, Guid Id);
