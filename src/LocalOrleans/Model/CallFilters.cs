using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call to a grain, as a filter sees it.</summary>
public interface IGrainCallContext
{
    /// <summary>The instance of the grain class.</summary>
    object Grain { get; }

    /// <summary>The grain that calls; null where the caller is no grain.</summary>
    GrainId? SourceId { get; }

    /// <summary>The grain that is called.</summary>
    GrainId TargetId { get; }

    /// <summary>The name of the contract.</summary>
    string InterfaceName { get; }

    /// <summary>The name of the method.</summary>
    string MethodName { get; }

    /// <summary>The method in the contract.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The answer once the call is done; null where the method returns none. A filter may replace it.</summary>
    object? Result { get; set; }

    /// <summary>Goes on to the next filter, and in the end to the grain.</summary>
    Task Invoke();
}

/// <summary>A call as it arrives at its grain.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that is called.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The method in the grain class.</summary>
    MethodInfo ImplementationMethod { get; }
}

/// <summary>
/// Wraps every call to every grain, in the order of registration; on a grain class itself, the calls to that grain, innermost.
/// </summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Handles the call: does its part around <see cref="IGrainCallContext.Invoke"/>.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>A filter as a delegate.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);
