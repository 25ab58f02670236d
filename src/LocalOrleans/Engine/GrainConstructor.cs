using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.LocalOrleans;

/// <summary>Makes instances of a grain class: services from the activation's scope, its context, its persistent states.</summary>
internal sealed class GrainConstructor
{
    private static readonly MethodInfo AddState = typeof(Activation).GetMethod(nameof(Activation.AddState))!;

    private readonly ConstructorInvoker _constructor;
    private readonly Func<Activation, object?>[] _arguments;

    public GrainConstructor(Type type)
    {
        var constructors = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public);
        if (constructors.Length != 1)
        {
            throw new OrleansConfigurationException($"{type} needs exactly one public constructor; it has {constructors.Length}.");
        }

        _constructor = ConstructorInvoker.Create(constructors[0]);
        _arguments = [.. constructors[0].GetParameters().Select(SourceOf)];
    }

    public object Create(Activation activation)
    {
        if (_arguments.Length == 0)
        {
            return _constructor.Invoke();
        }

        var arguments = new object?[_arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = _arguments[i](activation);
        }

        return _constructor.Invoke(arguments.AsSpan());
    }

    private static Func<Activation, object?> SourceOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(IGrainContext))
        {
            return static activation => activation;
        }

        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } stored)
        {
            return StateOf(type, stored);
        }

        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
        {
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        }

        return parameter.HasDefaultValue
            ? activation => activation.ActivationServices.GetService(type) ?? parameter.DefaultValue
            : activation => activation.ActivationServices.GetRequiredService(type);
    }

    private static Func<Activation, object?> StateOf(Type type, PersistentStateAttribute stored)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException($"[PersistentState(\"{stored.StateName}\")] stands on a {type}, not an IPersistentState.");
        }

        var add = AddState.MakeGenericMethod(type.GetGenericArguments());
        return activation =>
        {
            var storage = stored.StorageName is { Length: > 0 } name
                ? activation.ActivationServices.GetKeyedService<IGrainStorage>(name)
                : activation.ActivationServices.GetService<IGrainStorage>();
            return storage is null
                ? throw new OrleansConfigurationException($"{activation.GrainId}: no storage named \"{stored.StorageName}\" is registered.")
                : add.Invoke(activation, [stored.StateName, storage]);
        };
    }
}
