using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

// Use, and the lack of it. Times are ticks of the engine's coarse clock.
internal sealed partial class Activation
{
    private long _lastUsed;
    private long _keepUntil;

    public void DelayCollection(TimeSpan time) =>
        _keepUntil = time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? long.MaxValue
            : time <= TimeSpan.Zero ? 0
            : Class.Engine.After(time);

    /// <summary>Starts the end of an activation that nothing has used since <paramref name="limit"/>.</summary>
    public void CollectIfIdle(long limit, long now)
    {
        lock (_lock)
        {
            if (!IsQuiet() || _state != Stage.Active || _lastUsed > limit || _keepUntil > now)
            {
                return;
            }

            Rare.Reason = new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Unused for its collection age.");
            _state = Stage.Deactivating;
            _turnTaken = true;
        }

        QueueToPool();
    }

    private void Touch(Call call)
    {
        if (call.KeepsAlive)
        {
            _lastUsed = Class.Engine.Now;
        }
    }
}
