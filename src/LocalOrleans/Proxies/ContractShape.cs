using System.Reflection;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>What a contract may look like: asynchronous methods with plain parameters.</summary>
internal static class ContractShape
{
    /// <summary>The methods of a contract with those of the contracts it derives from.</summary>
    public static IEnumerable<MethodInfo> MethodsOf(Type contract) =>
        contract.GetInterfaces().Prepend(contract)
            .SelectMany(static type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(static method => method.IsVirtual);

    public static void Check(Type contract)
    {
        if (contract.IsGenericTypeDefinition || !contract.IsInterface)
        {
            throw new OrleansConfigurationException($"{contract} is not a plain interface.");
        }

        foreach (var method in MethodsOf(contract))
        {
            if (FaultOf(contract, method) is { } fault)
            {
                throw new OrleansConfigurationException($"{contract}.{method.Name}: {fault}.");
            }
        }
    }

    private static string? FaultOf(Type contract, MethodInfo method)
    {
        var returns = method.ReturnType;
        var generic = returns.IsGenericType ? returns.GetGenericTypeDefinition() : null;
        var answers = generic == typeof(Task<>) || generic == typeof(ValueTask<>);
        var awaitable = answers || returns == typeof(Task) || returns == typeof(ValueTask);
        return method switch
        {
            { IsSpecialName: true } => "a contract has methods only, no properties or events",
            { IsGenericMethod: true } => "generic methods are not supported",
            _ when returns == typeof(void) && contract.IsAssignableTo(typeof(Orleans.IGrain)) =>
                "a grain method returns a task; void is for observers",
            _ when returns != typeof(void) && !awaitable => "it must return Task, Task<T>, ValueTask or ValueTask<T>",
            _ when answers && method.IsDefined(typeof(OneWayAttribute)) => "a one-way method has no answer",
            _ when method.GetParameters().Any(static parameter => parameter.ParameterType.IsByRef) => "parameters by reference cannot be sent",
            _ => null,
        };
    }
}
