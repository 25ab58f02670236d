using System.Reflection;
using System.Runtime.CompilerServices;

namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>
/// What code in another assembly can see of a type, as lines of text that can be compared: one for the type's own shape, one for each
/// visible member. A type is written by its full name, a generic parameter by its place.
/// </summary>
internal sealed class Surface(Func<Type, string> fullName)
{
    private readonly NullabilityInfoContext _nullability = new();

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public string ShapeOf(Type type)
    {
        var kind = type.IsEnum ? $"enum of {NameOf(type.GetEnumUnderlyingType())}"
            : type.IsValueType ? "struct"
            : type.IsInterface ? "interface"
            : IsDelegate(type) ? "delegate"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        return $"{kind}{ConstraintsOf(type.GetGenericArguments())}";
    }

    /// <summary>Where an attribute may stand.</summary>
    public static string? UsageOf(Type type) =>
        type.GetCustomAttributesData().FirstOrDefault(static data => Is(data, typeof(AttributeUsageAttribute))) is { } usage
            ? $"usage {usage.ConstructorArguments[0].Value} {string.Join(' ', usage.NamedArguments
                .Where(static argument => !IsDefault(argument))
                .OrderBy(static argument => argument.MemberName, StringComparer.Ordinal)
                .Select(static argument => $"{argument.MemberName}={argument.TypedValue.Value}"))}".TrimEnd()
            : null;

    /// <summary>Whether the member only answers differently what its base has.</summary>
    public static bool IsOverride(MemberInfo member) =>
        member is MethodInfo { IsVirtual: true } method && !method.Attributes.HasFlag(MethodAttributes.NewSlot);

    /// <summary>The visible members by their lines.</summary>
    public IReadOnlyDictionary<string, MemberInfo> MembersOf(Type type)
    {
        var members = new Dictionary<string, MemberInfo>(StringComparer.Ordinal);
        foreach (var member in type.GetMembers(Declared))
        {
            if (LineOf(member) is { } line)
            {
                members[line] = member;
            }
        }

        return members;
    }

    public string NameOf(Type type) => NameOf(type, null);

    // With the question marks of nullable references, since a difference there is a warning, and so an error, in the other build.
    private string NameOf(Type type, NullabilityInfo? nullability)
    {
        var mark = nullability is { ReadState: NullabilityState.Nullable } && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsByRef)
        {
            return $"ref {NameOf(type.GetElementType()!, nullability)}";
        }

        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (type.IsGenericParameter)
        {
            return $"{(type.DeclaringMethod is null ? "!" : "!!")}{type.GenericParameterPosition}";
        }

        return type is { IsGenericType: true, IsGenericTypeDefinition: false }
            ? $"{fullName(type.GetGenericTypeDefinition())}<{string.Join(", ", type.GetGenericArguments().Select(
                (argument, i) => NameOf(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i))))}>{mark}"
            : fullName(type) + mark;
    }

    public static bool IsObsolete(MemberInfo member) =>
        member.GetCustomAttributesData().Any(static data => Is(data, typeof(ObsoleteAttribute)));

    private static bool IsDelegate(Type type) => type.BaseType?.FullName == typeof(MulticastDelegate).FullName;

    // The defaults of AttributeUsage may be stated or not.
    private static bool IsDefault(CustomAttributeNamedArgument argument) =>
        (argument.MemberName, argument.TypedValue.Value) is (nameof(AttributeUsageAttribute.AllowMultiple), false)
            or (nameof(AttributeUsageAttribute.Inherited), true);

    private static bool Is(CustomAttributeData data, Type type) => data.AttributeType.FullName == type.FullName;

    private static string? AccessOf(MethodBase method) =>
        method.IsPublic ? "public" : method.IsFamily || method.IsFamilyOrAssembly ? "protected" : null;

    private string? LineOf(MemberInfo member)
    {
        switch (member)
        {
            case ConstructorInfo { IsStatic: false } constructor when !IsDelegate(constructor.DeclaringType!):
                return AccessOf(constructor) is { } access ? $"{access} new({ParametersOf(constructor)})" : null;
            case MethodInfo method:
                return LineOf(method);
            case FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly:
                var value = field.IsLiteral ? $" = {field.GetRawConstantValue()}" : field.IsInitOnly ? " readonly" : "";
                return $"field {(field.IsStatic ? "static " : "")}{NameOf(field.FieldType)} {field.Name}{value}";
            case PropertyInfo property when property.GetAccessors(nonPublic: true).Any(static accessor => AccessOf(accessor) is not null):
                var required = property.GetCustomAttributesData().Any(static data => Is(data, typeof(RequiredMemberAttribute)));
                return $"property {(required ? "required " : "")}{NameOf(property.PropertyType, _nullability.Create(property))} {property.Name}";
            default:
                return null;
        }
    }

    private string? LineOf(MethodInfo method)
    {
        var isPlumbing = IsDelegate(method.DeclaringType!) && method.Name != "Invoke";
        if (AccessOf(method) is not { } access || isPlumbing)
        {
            return null;
        }

        var modifier = method.IsStatic ? "static "
            : IsOverride(method) ? "override "
            : method.IsAbstract ? "abstract "
            : method is { IsVirtual: true, IsFinal: false } && !method.DeclaringType!.IsSealed ? "virtual "
            : "";
        var init = method.ReturnParameter.GetRequiredCustomModifiers().Any(static type => type.FullName == typeof(IsExternalInit).FullName);
        var extension = method.GetCustomAttributesData().Any(static data => Is(data, typeof(ExtensionAttribute)));
        return $"{access} {modifier}{NameOf(method.ReturnType, _nullability.Create(method.ReturnParameter))} {method.Name}{ConstraintsOf(method.GetGenericArguments())}"
            + $"({(extension ? "this " : "")}{ParametersOf(method)}){(init ? " init" : "")}";
    }

    // Names and defaults too: callers may use both.
    private string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.IsIn ? "in " : "")}{NameOf(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}"
        + (parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "default"}" : "")));

    private string ConstraintsOf(Type[] parameters) => parameters.Length == 0 ? "" : $"<{string.Join(", ", parameters.Select(parameter =>
        $"{parameter.GenericParameterAttributes} {string.Join('&', parameter.GetGenericParameterConstraints().Select(NameOf).Order())}"))}>";
}
