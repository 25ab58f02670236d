using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>Where calls of a reference go: the grains of a class, or one observer.</summary>
internal abstract class CallTarget
{
    public abstract GrainId IdOf(string key);

    public abstract GrainReference CreateReference(Type contract, string key);

    /// <summary>Delivers the call. The task is the caller's: it ends with the call, or with its time-out.</summary>
    public abstract Task Send(GrainReference reference, Call call);
}
