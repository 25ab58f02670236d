using LlmObserve.Domain.Events;
using LlmObserve.Grains.Interfaces.Accounts;
using Orleans;

namespace LlmObserve.Grains.Tests.Wire;

/// <summary>What knows nothing of the wire crosses it as a surrogate: nothing of it may be lost on the way.</summary>
public sealed class SurrogateTests
{
    public static TheoryData<string> StoodFor => [.. WireShape.StoodForBy(typeof(IAccountGrain).Assembly).Values.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(StoodFor))]
    public void Value_AsASurrogateAndBack_IsTheSame(string name)
    {
        var (surrogate, type) = WireShape.StoodForBy(typeof(IAccountGrain).Assembly).Single(pair => pair.Value.FullName == name);
        var converter = surrogate.Assembly.GetTypes().Single(candidate => candidate.IsAssignableTo(typeof(IConverter<,>).MakeGenericType(type, surrogate)));
        var value = Specimen.Of(type);

        var there = converter.GetMethod("ConvertToSurrogate")!.Invoke(Activator.CreateInstance(converter), [value]);
        var back = converter.GetMethod("ConvertFromSurrogate")!.Invoke(Activator.CreateInstance(converter), [there]);

        Assert.Equal(Specimen.TextOf(value), Specimen.TextOf(back));
    }

    [Fact]
    public void Specimen_OfAnEvent_HasEveryMemberSetToSomethingElse()
    {
        var value = Specimen.Of(typeof(LedgerEvent));

        var kept = typeof(LedgerEvent).GetProperties().Where(property => property.CanWrite).ToList();
        Assert.Equal(40, kept.Count);
        Assert.All(kept, property => Assert.NotEqual(
            property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null, property.GetValue(value)));
        Assert.Equal(
            kept.Count(property => property.PropertyType != typeof(bool)),
            kept.Where(property => property.PropertyType != typeof(bool)).Select(property => property.GetValue(value)).Distinct().Count());
    }
}
