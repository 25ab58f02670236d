namespace Orleans.Runtime;

/// <summary>An activation, as seen from its grain.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>A reference to this grain, to hand to others.</summary>
    GrainReference GrainReference { get; }

    /// <summary>Who this is.</summary>
    GrainId GrainId { get; }

    /// <summary>The instance of the grain class; null before it is made and after it is gone.</summary>
    object? GrainInstance { get; }

    /// <summary>The services of this activation: a scope that ends with it.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }

    /// <summary>
    /// Ends the activation once the requests that run are done. Those that wait go to the next activation.
    /// </summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
