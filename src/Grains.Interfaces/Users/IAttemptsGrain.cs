using Orleans;

namespace LlmObserve.Grains.Interfaces.Users;

/// <summary>
/// How often something was tried lately: wrong passwords of an address, sign-ups from a network. The key says of what, and holds no address in
/// plain text. One place in the whole cluster, in memory: a silo that dies forgets its share.
/// </summary>
[Alias("llmobserve.attempts")]
public interface IAttemptsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Asks whether to go on with an attempt whose outcome is not known yet. Where it is allowed, <see cref="EndAsync"/> follows; until then it
    /// takes a place, so that many at once are no way around the limit.
    /// </summary>
    [Alias("begin")]
    Task<AttemptAnswer> BeginAsync(AttemptRule rule);

    /// <summary>Says what became of an attempt.</summary>
    [Alias("end")]
    Task EndAsync(AttemptEnd end);

    /// <summary>Counts an attempt, where there is room for one.</summary>
    [Alias("take")]
    Task<AttemptAnswer> TakeAsync(AttemptRule rule);

    /// <summary>Forgets all of it.</summary>
    [Alias("clear")]
    Task ClearAsync();
}

/// <summary>How often is too often.</summary>
/// <param name="Limit">So many in <paramref name="Window"/> and no more.</param>
/// <param name="Window">How long one counts.</param>
/// <param name="Lock">How long nothing is allowed once the limit is reached, the first time; zero until the first one counts no more.</param>
/// <param name="LongestLock">It doubles each time, up to this.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.attempt-rule")]
public sealed record AttemptRule(int Limit, TimeSpan Window, TimeSpan Lock, TimeSpan LongestLock);

/// <summary>Whether to go on.</summary>
/// <param name="Allowed">Yes or no.</param>
/// <param name="RetryAfter">If not, when it makes sense to ask again.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.attempt-answer")]
public sealed record AttemptAnswer(bool Allowed, TimeSpan RetryAfter);

/// <summary>What became of an attempt.</summary>
public enum AttemptEnd
{
    /// <summary>It is as if it had not been made.</summary>
    Withdrawn,

    /// <summary>It counts.</summary>
    Failed,

    /// <summary>Whoever made it is who they say: those before count no more.</summary>
    Succeeded,
}
