using System.Reflection;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>How the in-process engine runs.</summary>
public sealed class LocalOrleansOptions
{
    // System timers do not take much more: 2^32 milliseconds.
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(49);

    /// <summary>The assemblies that hold grain classes.</summary>
    public IList<Assembly> GrainAssemblies { get; } = [];

    /// <summary>How long a grain stays in memory after its last use, unless its class says otherwise. Default 15 minutes, as on a cluster.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a caller waits before its call fails with <see cref="TimeoutException"/>. Default 30 seconds, as on a cluster.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a graceful stop may take, and one grain's deactivation. Default 20 seconds: under the host's own 30.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    internal void Validate()
    {
        foreach (var (name, time) in new[]
        {
            (nameof(CollectionAge), CollectionAge), (nameof(ResponseTimeout), ResponseTimeout), (nameof(DrainTimeout), DrainTimeout),
        })
        {
            if (time <= TimeSpan.Zero || time > LongestTime)
            {
                throw new OrleansConfigurationException($"{name} must be more than zero and at most {LongestTime}; it is {time}.");
            }
        }
    }
}
