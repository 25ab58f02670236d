using System.Reflection;
using Orleans.Concurrency;

namespace LlmObserve.LocalOrleans;

/// <summary>What the engine needs to know of a contract method; one per method and process.</summary>
internal sealed class GrainMethod
{
    public GrainMethod(Type contract, MethodInfo method)
    {
        Contract = contract;
        Method = method;
        Name = method.Name;
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        OneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute));
        TakesToken = method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken));
    }

    public Type Contract { get; }

    public MethodInfo Method { get; }

    public string Name { get; init; }

    public bool AlwaysInterleave { get; init; }

    public bool ReadOnly { get; }

    public bool OneWay { get; init; }

    public bool TakesToken { get; }
}
