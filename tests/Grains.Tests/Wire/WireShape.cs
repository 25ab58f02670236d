using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Grains.Tests.Wire;

/// <summary>
/// What silos of two releases must agree on, as text: the names of contracts and their methods, the names of messages with the numbers of
/// their members, and the numbers of enumerations.
/// </summary>
internal static class WireShape
{
    public static IReadOnlyList<Type> ContractsOf(Assembly assembly) =>
        [.. assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))).OrderBy(AliasOf, StringComparer.Ordinal)];

    public static IReadOnlyList<Type> MessagesOf(Assembly assembly) =>
        [.. assembly.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))).OrderBy(AliasOf, StringComparer.Ordinal)];

    /// <summary>What a surrogate stands for, by the surrogate.</summary>
    public static ImmutableDictionary<Type, Type> StoodForBy(Assembly assembly) => assembly.GetTypes()
        .Where(type => type.IsDefined(typeof(RegisterConverterAttribute)))
        .Select(type => type.GetInterfaces().Single(candidate => candidate.GetGenericTypeDefinition() == typeof(IConverter<,>)).GetGenericArguments())
        .ToImmutableDictionary(arguments => arguments[1], arguments => arguments[0]);

    public static string? AliasOf(MemberInfo member) => member.GetCustomAttributes<AliasAttribute>().SingleOrDefault()?.Alias;

    /// <summary>
    /// The members that a message sends: those of a record's primary constructor, numbered from 0 in their order, and those that carry a
    /// number. The two are counted apart.
    /// </summary>
    public static IEnumerable<(string Id, string Name, Type Type)> MembersOf(Type message)
    {
        var positional = PrimaryConstructorOf(message)?.GetParameters() ?? [];
        foreach (var parameter in positional)
        {
            yield return ($"({parameter.Position})", parameter.Name!, parameter.ParameterType);
        }

        foreach (var member in message.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        {
            if (member.GetCustomAttribute<IdAttribute>() is { } id)
            {
                var type = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
                yield return (id.Id.ToString(CultureInfo.InvariantCulture), member.Name, type);
            }
        }
    }

    public static string Render(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var contract in ContractsOf(assembly))
        {
            text.Append(CultureInfo.InvariantCulture, $"contract {AliasOf(contract)}\n");
            foreach (var method in contract.GetMethods().OrderBy(AliasOf, StringComparer.Ordinal))
            {
                var parameters = string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)));
                text.Append(CultureInfo.InvariantCulture, $"  {AliasOf(method)}({parameters}): {NameOf(method.ReturnType)}\n");
            }
        }

        var stoodFor = StoodForBy(assembly);
        var enumerations = new SortedDictionary<string, Type>(StringComparer.Ordinal);
        foreach (var message in MessagesOf(assembly))
        {
            text.Append(CultureInfo.InvariantCulture, $"message {AliasOf(message)}: {(stoodFor.TryGetValue(message, out var type) ? type : message).Name}\n");
            foreach (var (id, name, memberType) in MembersOf(message))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {id} {name}: {NameOf(memberType)}\n");
                var bare = Nullable.GetUnderlyingType(memberType) ?? memberType;
                if (bare.IsEnum)
                {
                    enumerations[bare.Name] = bare;
                }
            }
        }

        foreach (var (name, enumeration) in enumerations)
        {
            text.Append(CultureInfo.InvariantCulture, $"enumeration {name}\n");
            foreach (var value in Enum.GetValues(enumeration))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {Convert.ToInt64(value, CultureInfo.InvariantCulture)} {value}\n");
            }
        }

        return text.ToString();
    }

    public static string NameOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{NameOf(value)}?";
        }

        return type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : type.Name;
    }

    /// <summary>A record's, whose parameters are all properties of it; the copying one aside.</summary>
    private static ConstructorInfo? PrimaryConstructorOf(Type message) => message.GetMethod("<Clone>$") is null && !IsRecordStruct(message)
        ? null
        : message.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).SingleOrDefault(
            constructor => constructor.GetParameters() is { Length: > 0 } parameters
                && Array.TrueForAll(parameters, parameter => message.GetProperty(parameter.Name!)?.PropertyType == parameter.ParameterType));

    private static bool IsRecordStruct(Type type) =>
        type.IsValueType && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;
}
