using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using System.Reflection;

namespace LlmObserve.Testing;

/// <summary>
/// Says whether what crosses a grain boundary can ever change: nothing is copied in one process, so a caller and a grain that held the
/// same mutable object would race. Looks at fields, not at properties: what has no field that can be set cannot change.
/// </summary>
public static class Immutability
{
    private const string Addressable = "Orleans.Runtime.IAddressable";

    private static readonly FrozenSet<Type> Atoms =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(Uri), typeof(Version), typeof(TimeZoneInfo),
        typeof(CancellationToken), typeof(void),
    ];

    // Immutable as far as what they hold is.
    private static readonly FrozenSet<Type> Holders =
    [
        typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableHashSet<>),
        typeof(ImmutableSortedSet<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedDictionary<,>), typeof(ImmutableStack<>),
        typeof(ImmutableQueue<>), typeof(FrozenSet<>), typeof(FrozenDictionary<,>),
    ];

    /// <summary>The grain and observer contracts of an assembly.</summary>
    public static IReadOnlyList<Type> ContractsOf(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return [.. assembly.GetTypes().Where(static type => type.IsInterface && IsAddressable(type))];
    }

    /// <summary>What could change among the parameters and answers of a contract, each with the way to it.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="vouchedFor">Types that are immutable although their fields do not show it; say why where you pass them.</param>
    public static IReadOnlyList<string> FaultsOf(Type contract, params Type[] vouchedFor)
    {
        ArgumentNullException.ThrowIfNull(contract);
        var walk = new Walk([.. vouchedFor]);
        foreach (var method in contract.GetInterfaces().Prepend(contract).SelectMany(static type => type.GetMethods()))
        {
            var name = $"{contract.Name}.{method.Name}";
            walk.Visit(Awaited(method.ReturnType), $"{name} answers");
            foreach (var parameter in method.GetParameters())
            {
                walk.Visit(parameter.ParameterType, $"{name}({parameter.Name})");
            }
        }

        return walk.Faults;
    }

    private static bool IsAddressable(Type type) => type.GetInterfaces().Any(static candidate => candidate.FullName == Addressable);

    private static Type Awaited(Type type)
    {
        if (type == typeof(Task) || type == typeof(ValueTask))
        {
            return typeof(void);
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return definition == typeof(Task<>) || definition == typeof(ValueTask<>) ? type.GetGenericArguments()[0] : type;
    }

    private sealed class Walk(HashSet<Type> vouchedFor)
    {
        private readonly HashSet<Type> _seen = [];

        public List<string> Faults { get; } = [];

        public void Visit(Type type, string way)
        {
            if (type.IsPrimitive || type.IsEnum || Atoms.Contains(type) || vouchedFor.Contains(type) || !_seen.Add(type))
            {
                return;
            }

            if (type.IsInterface && IsAddressable(type))
            {
                return;
            }

            if (type.IsArray || type.IsInterface || type.IsByRef || type.IsPointer || type == typeof(object) || type.IsSubclassOf(typeof(Delegate)))
            {
                Faults.Add($"{way}: {type} can change, or can be something that does");
            }
            else if (IsHolder(type))
            {
                foreach (var argument in type.GetGenericArguments())
                {
                    Visit(argument, $"{way}: {type.Name}");
                }
            }
            else
            {
                VisitHierarchy(type, way);
            }
        }

        private static bool IsHolder(Type type) =>
            type.IsGenericType
            && (Holders.Contains(type.GetGenericTypeDefinition()) || type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal));

        private void VisitHierarchy(Type type, string way)
        {
            if (!type.IsSealed && !type.IsAbstract)
            {
                Faults.Add($"{way}: {type} is not sealed, so an instance may have more than its fields show");
            }

            foreach (var derived in type.IsAbstract ? type.Assembly.GetTypes().Where(type.IsAssignableFrom).Where(other => other != type) : [])
            {
                Visit(derived, $"{way}: {derived.Name}");
            }

            for (var part = type; part is not null && part != typeof(object) && part != typeof(ValueType); part = part.BaseType)
            {
                VisitFields(part, way);
            }
        }

        private void VisitFields(Type type, string way)
        {
            const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (var field in type.GetFields(Declared))
            {
                var name = $"{way}: {type.Name}.{NameOf(field)}";
                if (!field.IsInitOnly)
                {
                    Faults.Add($"{name} can be set");
                }

                Visit(field.FieldType, name);
            }
        }

        // An automatic property is named by its property: <Total>k__BackingField.
        private static string NameOf(FieldInfo field) =>
            field.Name is ['<', ..] ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
    }
}
