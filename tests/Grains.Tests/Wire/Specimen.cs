using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace LlmObserve.Grains.Tests.Wire;

/// <summary>Values of messages with every member set, each to something else, so that none can be lost or swapped unnoticed.</summary>
internal sealed class Specimen
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 18, 12, 0, 0, TimeSpan.Zero);

    private int _count;

    public static object Of(Type type) => new Specimen().Make(type);

    /// <summary>All that there is to see of a value.</summary>
    public static string TextOf(object? value) => JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object));

    public object Make(Type type)
    {
        var number = ++_count;
        if (Nullable.GetUnderlyingType(type) is { } bare)
        {
            return Make(bare);
        }

        if (type.IsEnum)
        {
            // The last: never the default.
            return Enum.GetValues(type).Cast<object>().Last();
        }

        return type switch
        {
            _ when type == typeof(string) => string.Create(CultureInfo.InvariantCulture, $"text {number}"),
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => number,
            _ when type == typeof(long) => long.MaxValue - number,
            _ when type == typeof(decimal) => number + 0.250m,
            _ when type == typeof(Guid) => new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(number) + TimeSpan.FromTicks(number),
            _ when type == typeof(DateTimeOffset) => s_start.AddMinutes(number).AddTicks(number),
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) => Call(nameof(ArrayOf), type),
            { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(ImmutableDictionary<,>) => Call(nameof(DictionaryOf), type),
            _ => Composed(type),
        };
    }

    private object Composed(Type type)
    {
        // The one that says most: that of the record's own line, or the empty one of a record with properties.
        var constructor = type.GetConstructors().Where(candidate => candidate.GetParameters() is not [{ } only] || only.ParameterType != type)
            .MaxBy(candidate => candidate.GetParameters().Length)!;
        var parameters = constructor.GetParameters();
        var made = constructor.Invoke([.. parameters.Select(parameter => Make(parameter.ParameterType))]);
        var given = parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var property in type.GetProperties().Where(property => property.CanWrite && !given.Contains(property.Name)))
        {
            property.SetValue(made, Make(property.PropertyType));
        }

        return made;
    }

    private object Call(string method, Type type) => GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic)!
        .MakeGenericMethod(type.GetGenericArguments()).Invoke(this, null)!;

    private ImmutableArray<T> ArrayOf<T>() => [(T)Make(typeof(T)), (T)Make(typeof(T))];

    private ImmutableDictionary<TKey, TValue> DictionaryOf<TKey, TValue>()
        where TKey : notnull => ImmutableDictionary<TKey, TValue>.Empty.Add((TKey)Make(typeof(TKey)), (TValue)Make(typeof(TValue)));
}
