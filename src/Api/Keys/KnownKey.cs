using LlmObserve.Api.Callers;
using LlmObserve.Domain.Keys;

namespace LlmObserve.Api.Keys;

/// <summary>One key and what it opened when its grain was last asked. However many requests ask at once, the grain is asked once.</summary>
internal sealed class KnownKey(KeyDigest digest, Func<ApiKeyHash, Task<Caller?>> resolve, TimeProvider time)
{
    private readonly Lock _turn = new();
    private volatile Answer? _answer;
    private Task<Answer>? _asking;

    /// <summary>Whether there is an answer that is younger than <paramref name="freshFor"/>, and its age.</summary>
    public bool TryGet(TimeSpan freshFor, out Caller? caller, out TimeSpan age)
    {
        var answer = _answer;
        caller = answer?.Caller;
        age = answer is null ? TimeSpan.MaxValue : time.GetElapsedTime(answer.AskedAt);
        return age < freshFor;
    }

    /// <summary>The held answer while it is fresh, else a new one.</summary>
    public async ValueTask<Caller?> GetAsync(TimeSpan freshFor, CancellationToken cancellationToken)
    {
        if (TryGet(freshFor, out var caller, out _))
        {
            return caller;
        }

        // A question that was under way already may be older than this request; one that begins now never is.
        var now = time.GetTimestamp();
        var answer = await Ask().WaitAsync(cancellationToken);
        if (answer.AskedAt < now && time.GetElapsedTime(answer.AskedAt) >= freshFor)
        {
            answer = await Ask().WaitAsync(cancellationToken);
        }

        return answer.Caller;
    }

    /// <summary>Asks beside the requests. Where that fails the held answer stays until it is too old, and then a request sees the failure.</summary>
    public void Renew() => _ = Ask().ContinueWith(
        static asked => asked.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Forgets the answer, and the one that is under way.</summary>
    public void Drop()
    {
        lock (_turn)
        {
            _asking = null;
            _answer = null;
        }
    }

    private Task<Answer> Ask()
    {
        lock (_turn)
        {
            return _asking is { IsCompleted: false } running ? running : _asking = AskAsync();
        }
    }

    private async Task<Answer> AskAsync()
    {
        var askedAt = time.GetTimestamp();

        // Off the lock that the caller holds.
        await Task.Yield();
        var answer = new Answer(await resolve(digest.ToHash()), askedAt);
        lock (_turn)
        {
            // Where it was dropped meanwhile, the answer is from before the change.
            if (_asking is not null && (_answer is null || _answer.AskedAt < askedAt))
            {
                _answer = answer;
            }
        }

        return answer;
    }

    private sealed record Answer(Caller? Caller, long AskedAt);
}
