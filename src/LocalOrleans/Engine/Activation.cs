using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>
/// One grain in memory: its instance, the requests that wait for it, and the scheduler that its code runs on. Kept small, since there
/// may be hundreds of thousands: whatever only some need is in <see cref="Extras"/>.
/// </summary>
internal sealed partial class Activation(GrainClass grainClass, string key) : TaskScheduler, IThreadPoolWorkItem, IGrainContext
{
    /// <summary>What only some activations need.</summary>
    private sealed class Extras
    {
        public AsyncServiceScope? Scope { get; set; }

        public GrainReference? Reference { get; set; }

        public List<GrainTimer>? Timers { get; set; }

        public List<IStoredState>? States { get; set; }

        public TaskCompletionSource? Deactivated { get; set; }

        public TaskCompletionSource? Quiet { get; set; }

        public DeactivationReason Reason { get; set; }

        public CancellationToken DeactivationToken { get; set; }
    }

    private readonly Lock _lock = new();
    private object? _instance;
    private Extras? _extras;

    public GrainClass Class { get; } = grainClass;

    public string Key { get; } = key;

    public GrainId GrainId => Class.IdOf(Key);

    public object? GrainInstance => _instance;

    public GrainReference GrainReference
    {
        get
        {
            lock (_lock)
            {
                return Rare.Reference ??= Class.CreateReference(Class.Contracts[0], Key);
            }
        }
    }

    public IServiceProvider ActivationServices
    {
        get
        {
            lock (_lock)
            {
                return (Rare.Scope ??= Class.Engine.ServiceProvider.CreateAsyncScope()).ServiceProvider;
            }
        }
    }

    public Task Deactivated
    {
        get
        {
            lock (_lock)
            {
                if (_state == Stage.Dead)
                {
                    return Task.CompletedTask;
                }

                return (Rare.Deactivated ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    private Extras Rare => _extras ??= new Extras();

    /// <summary>The activation behind a context; contexts are only ever made by this engine.</summary>
    public static Activation Of(IGrainContext context) => (Activation)context;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public override string ToString() => GrainId.ToString();
}
