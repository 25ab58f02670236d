using LlmObserve.Domain.Accounts;

namespace LlmObserve.Domain.Audit;

/// <summary>One thing that somebody did. It is stored in the transaction of what it tells of.</summary>
/// <param name="Account">Where; null where it concerns the whole installation.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="Object">To what.</param>
public sealed record AuditEntry(AccountId? Account, DateTimeOffset At, Actor Actor, string Action, AuditObject Object)
{
    /// <summary>In order of time.</summary>
    public Guid Id { get; } = Guid.CreateVersion7(At);

    /// <summary>What changed, as it was: a JSON object without secrets; null where there was nothing.</summary>
    public string? Before { get; init; }

    /// <summary>What changed, as it is: a JSON object without secrets; null where nothing is left.</summary>
    public string? After { get; init; }
}

/// <summary>What something was done to.</summary>
/// <param name="Kind">One of <c>account</c>, <c>member</c>, <c>invitation</c>, <c>key</c>, <c>cap</c>, <c>settings</c>, <c>prices</c>, <c>customer</c>, <c>user</c>, <c>session</c>.</param>
/// <param name="Id">Its public id.</param>
/// <param name="Name">As it was called then.</param>
public readonly record struct AuditObject(string Kind, string? Id, string? Name);
