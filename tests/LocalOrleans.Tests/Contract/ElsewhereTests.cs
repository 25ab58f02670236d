namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>
/// The types that the real Orleans.Core.Abstractions.dll does not hold. What it says of them is checked against it: it uses the
/// serialization attributes itself. The others have the shape that was decided; the tests of the cluster engine compare that with the real.
/// </summary>
public sealed class ElsewhereTests
{
    public static TheoryData<string> Names => [.. ElsewhereShapes.Assemblies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Type_OfAnotherAssembly_HasTheShapeThatWasDecided(string name)
    {
        using var orleans = new RealOrleans();
        var type = orleans.Ours.GetType(name)!;

        Assert.Equal(ElsewhereShapes.Shapes[name].Order(StringComparer.Ordinal), ElsewhereShapes.Of(type).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Orleans.GenerateSerializerAttribute")]
    [InlineData("Orleans.IdAttribute")]
    [InlineData("Orleans.AliasAttribute")]
    [InlineData("Orleans.ImmutableAttribute")]
    public void SerializationAttribute_IsUsedByTheRealAssemblyUnderThisName(string name)
    {
        using var orleans = new RealOrleans();

        Assert.Contains(name, orleans.References);
        Assert.Equal("Orleans.Serialization.Abstractions", ElsewhereShapes.Assemblies[name]);
    }
}
