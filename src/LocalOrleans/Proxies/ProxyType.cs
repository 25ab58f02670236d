using System.Collections.Concurrent;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>The generated class of references to a contract, as the function that makes one.</summary>
internal sealed record ProxyType(Func<CallTarget, string, GrainReference> Create);

/// <summary>The generated classes by contract, made once in a process and at the first need.</summary>
internal static class ProxyTypes
{
    private static readonly ConcurrentDictionary<Type, Lazy<ProxyType>> Made = new();

    public static ProxyType Of(Type contract) =>
        Made.GetOrAdd(contract, static contract => new Lazy<ProxyType>(() =>
        {
            ContractShape.Check(contract);
            return ProxyEmitter.Emit(contract);
        })).Value;
}
