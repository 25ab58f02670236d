using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>A grain class, and the directory of its activations by key.</summary>
internal sealed class GrainClass : CallTarget
{
    private readonly ConcurrentDictionary<string, Activation> _activations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MethodInfo, MethodInfo> _implementations = new();
    private readonly GrainConstructor _constructor;
    private readonly bool _filtersItself;

    public GrainClass(GrainEngine engine, Type type, IReadOnlyList<Type> contracts)
    {
        Engine = engine;
        Type = type;
        Contracts = contracts;
        GrainType = GrainType.Create(NameOf(type));
        Reentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        Activates = Overrides(type, nameof(Grain.OnActivateAsync));
        Deactivates = Overrides(type, nameof(Grain.OnDeactivateAsync));
        _filtersItself = type.IsAssignableTo(typeof(IIncomingGrainCallFilter));
        CollectionAge = AgeOf(type, engine.Options.CollectionAge);
        _constructor = new GrainConstructor(type);
    }

    public GrainEngine Engine { get; }

    public Type Type { get; }

    /// <summary>The contracts that this class implements.</summary>
    public IReadOnlyList<Type> Contracts { get; }

    public GrainType GrainType { get; }

    public bool Reentrant { get; }

    /// <summary>Whether there is anything to run when an activation begins, and when it ends.</summary>
    public bool Activates { get; }

    public bool Deactivates { get; }

    public bool IsFiltered => _filtersItself || Engine.Filters.Length > 0;

    /// <summary>How long an activation stays unused; null for ever.</summary>
    public TimeSpan? CollectionAge { get; }

    public IEnumerable<Activation> Activations => _activations.Select(static entry => entry.Value);

    public int Count => _activations.Count;

    public override GrainId IdOf(string key) => GrainId.Create(GrainType, key);

    public override GrainReference CreateReference(Type contract, string key) => Engine.ContractOf(contract).CreateReference(key);

    public override Task Send(GrainReference reference, Call call)
    {
        call.Source = Activation.Current;
        if (call.Method.TakesToken && call.Token.IsCancellationRequested)
        {
            call.Prepare(Engine);
            return call.Outcome;
        }

        if (Engine.IsStopping && call.Source is null)
        {
            call.Refuse(Engine, new SiloUnavailableException($"The engine stops: {reference.GrainId}.{call.Method.Name} is not accepted."));
            return call.Outcome;
        }

        var mayRunHere = !call.Method.OneWay;
        var activation = reference.LastActivation;
        while (activation is null || !activation.TryAccept(call, mayRunHere))
        {
            activation = Find(reference.Key);
            if (activation is null)
            {
                call.Refuse(Engine, Closed(reference.Key));
                break;
            }

            reference.LastActivation = activation;
        }

        return call.Outcome;
    }

    /// <summary>Gives a call that waited for an activation that has ended to the next one.</summary>
    public void Redirect(Call call, string key)
    {
        while (Find(key) is { } activation)
        {
            if (activation.TryAccept(call, mayRunHere: false))
            {
                return;
            }
        }

        call.Refuse(Engine, Closed(key));
    }

    /// <summary>The method of this class that implements one of a contract.</summary>
    public MethodInfo ImplementationOf(GrainMethod method) =>
        _implementations.GetOrAdd(
            method.Method,
            static (method, type) =>
            {
                var map = type.GetInterfaceMap(method.DeclaringType!);
                return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method)];
            },
            Type);

    public object CreateInstance(Activation activation) => _constructor.Create(activation);

    public void Forget(Activation activation) => _activations.TryRemove(KeyValuePair.Create(activation.Key, activation));

    private static string NameOf(Type type)
    {
        const string Suffix = "grain";
        var name = type.Name.ToLowerInvariant();
        return name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }

    private static bool Overrides(Type type, string method) =>
        !type.IsSubclassOf(typeof(Grain))
        || type.GetMethods(BindingFlags.Instance | BindingFlags.Public).Any(
            candidate => candidate.Name == method && candidate.GetBaseDefinition().DeclaringType == typeof(Grain)
                && candidate.DeclaringType != typeof(Grain));

    private static TimeSpan? AgeOf(Type type, TimeSpan standard)
    {
        var limit = type.GetCustomAttribute<CollectionAgeLimitAttribute>();
        return limit is { AlwaysActive: true } || type.IsDefined(typeof(KeepAliveAttribute)) ? null : limit?.AgeLimit ?? standard;
    }

    // The one activation of a key; null where the engine makes no more of them.
    private Activation? Find(string key)
    {
        if (_activations.TryGetValue(key, out var activation))
        {
            return activation;
        }

        if (Engine.IsClosed)
        {
            return null;
        }

        activation = _activations.GetOrAdd(key, static (key, grainClass) => new Activation(grainClass, key), this);
        if (Engine.IsClosed)
        {
            // It may have come in behind the back of the stop, which then would not end it.
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The engine stops."));
        }

        return activation;
    }

    private SiloUnavailableException Closed(string key) => new($"The engine has stopped: {IdOf(key)} is not activated.");
}
