using System.Reflection;

namespace LlmObserve.Api.Tests;

/// <summary>Stands in for the grains, whichever engine's contract there is, where none may be called.</summary>
public class NoGrains : DispatchProxy
{
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        throw new InvalidOperationException($"This host has no grains: {targetMethod?.Name}");
}
