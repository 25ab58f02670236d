using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>The grain classes among the given types by contract. What is put together wrongly is said here, not at the first call.</summary>
internal sealed class GrainCatalog
{
    private readonly Dictionary<Type, GrainClass> _classes = [];

    public GrainCatalog(GrainEngine engine, IEnumerable<Type> types)
    {
        foreach (var type in types.Where(IsGrainClass))
        {
            Add(engine, type);
        }

        Classes = [.. _classes.Values.Distinct()];
        var twins = Classes.GroupBy(static grainClass => grainClass.GrainType).FirstOrDefault(static group => group.Count() > 1);
        if (twins is not null)
        {
            throw new OrleansConfigurationException(
                $"The grain type \"{twins.Key}\" would name {string.Join(" and ", twins.Select(static grainClass => grainClass.Type))}.");
        }
    }

    public IReadOnlyList<GrainClass> Classes { get; }

    public GrainClass ClassOf(Type contract) =>
        _classes.TryGetValue(contract, out var grainClass)
            ? grainClass
            : throw new ArgumentException($"No grain class in the given assemblies implements {contract}.", nameof(contract));

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
        && type.IsAssignableTo(typeof(IGrainBase)) && type.IsAssignableTo(typeof(IGrain));

    private static bool IsContract(Type type) =>
        type.IsAssignableTo(typeof(IGrain)) && type != typeof(IGrain) && type != typeof(IGrainWithStringKey);

    private void Add(GrainEngine engine, Type type)
    {
        // The widest contract first: a grain's own reference is of the first.
        Type[] contracts = [.. type.GetInterfaces().Where(IsContract).OrderByDescending(static contract => contract.GetInterfaces().Length)];
        if (contracts.Length == 0)
        {
            throw new OrleansConfigurationException($"{type} implements no grain contract.");
        }

        var grainClass = new GrainClass(engine, type, contracts);
        foreach (var contract in contracts)
        {
            ContractShape.Check(contract);
            if (!_classes.TryAdd(contract, grainClass))
            {
                throw new OrleansConfigurationException($"{contract} is implemented by {_classes[contract].Type} and by {type}.");
            }
        }
    }
}
