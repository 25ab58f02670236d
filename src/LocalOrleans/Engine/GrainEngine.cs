using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>The engine of one process: the grain classes, the clock that drives what is due, and the way in.</summary>
internal sealed partial class GrainEngine : IClusterClient, IAsyncDisposable
{
    private readonly GrainCatalog _catalog;
    private readonly ConcurrentDictionary<Type, Contract> _contracts = new();
    private IIncomingGrainCallFilter[]? _filters;

    public GrainEngine(
        IServiceProvider services, IOptions<LocalOrleansOptions> options, TimeProvider time, ILogger<GrainEngine> logger)
    {
        ServiceProvider = services;
        Options = options.Value;
        Options.Validate();
        Time = time;
        Logger = logger;
        Outstanding = new OutstandingCalls(time, Options.ResponseTimeout);
        _catalog = new GrainCatalog(this, Options.GrainAssemblies.Distinct().SelectMany(static assembly => assembly.GetTypes()));
        Now = time.GetTimestamp();
        _clock = StartClock();
    }

    public IServiceProvider ServiceProvider { get; }

    public LocalOrleansOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public OutstandingCalls Outstanding { get; }

    /// <summary>Not resolved before the first call, since a filter may well ask for the grain factory.</summary>
    public IIncomingGrainCallFilter[] Filters => _filters ??= [.. ServiceProvider.GetServices<IIncomingGrainCallFilter>()];

    /// <summary>How many activations there are, of all classes.</summary>
    public int ActivationCount => _catalog.Classes.Sum(static grainClass => grainClass.Count);

    public IEnumerable<Activation> Activations => _catalog.Classes.SelectMany(static grainClass => grainClass.Activations);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        var contract = ContractOf<TGrainInterface>();
        if (grainClassNamePrefix is not null && !contract.Class.Type.FullName!.StartsWith(grainClassNamePrefix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"{contract.Class.Type} is the class of {typeof(TGrainInterface)}.", nameof(grainClassNamePrefix));
        }

        return (TGrainInterface)(object)contract.CreateReference(primaryKey);
    }

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is not TGrainObserverInterface || obj is GrainReference)
        {
            throw new ArgumentException($"{obj.GetType()} is no object that implements {typeof(TGrainObserverInterface)}.", nameof(obj));
        }

        var queue = new ObserverQueue(this, obj);
        return (TGrainObserverInterface)(object)queue.CreateReference(typeof(TGrainObserverInterface), Guid.NewGuid().ToString("N"));
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference { Target: ObserverQueue queue })
        {
            throw new ArgumentException("Not a reference made by CreateObjectReference.", nameof(obj));
        }

        queue.Delete();
    }

    public Contract ContractOf(Type type) =>
        _contracts.GetOrAdd(type, static (type, engine) => new Contract(engine._catalog.ClassOf(type), ProxyTypes.Of(type)), this);

    // The common case, one engine in the process, costs a field; others look it up.
    private Contract ContractOf<TGrainInterface>()
    {
        if (Cache<TGrainInterface>.Last is { } last && last.Class.Engine == this)
        {
            return last;
        }

        return Cache<TGrainInterface>.Last = ContractOf(typeof(TGrainInterface));
    }

    private static class Cache<TGrainInterface>
    {
        public static Contract? Last { get; set; }
    }
}
