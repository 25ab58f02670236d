using System.Collections.Frozen;

namespace LlmObserve.LocalOrleans.Tests.Contract;

public sealed class ContractTests
{
    // What the solution's own classes implement: a member that is missing here would be missing in them on the cluster.
    private static readonly FrozenSet<string> Implemented =
    [
        "Orleans.IGrain", "Orleans.IGrainWithStringKey", "Orleans.IGrainObserver", "Orleans.IGrainBase", "Orleans.Runtime.IAddressable",
        "Orleans.IIncomingGrainCallFilter",
    ];

    [Fact]
    public void PublicSurface_AgainstTheRealAssembly_HasNothingThatDiffers()
    {
        using var orleans = new RealOrleans();

        var differences = Comparer(orleans).Differences(ElsewhereShapes.Assemblies.Keys.ToHashSet(), Implemented);

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void RealAssembly_IsReadWhole()
    {
        using var orleans = new RealOrleans();

        // Members and bases are read for every type but the serializers that Orleans generates, those with types of missing
        // assemblies included: an exception would end the test.
        var types = orleans.Assembly.GetExportedTypes().Where(static type => IsModel(type.Namespace)).ToList();
        var surface = new Surface(static type => type.FullName!);
        var members = types.Sum(type => surface.MembersOf(type).Count + type.GetInterfaces().Length);
        Assert.True(types.Count > 180 && members > 1500, $"{types.Count} types, {members} members and interfaces");
    }

    [Fact]
    public void Elsewhere_NamesOnlyTypesThatAreNotInTheRealAssembly()
    {
        using var orleans = new RealOrleans();

        Assert.DoesNotContain(ElsewhereShapes.Assemblies.Keys, name => orleans.Assembly.GetType(name) is not null);
        Assert.All(ElsewhereShapes.Assemblies.Keys, name => Assert.NotNull(orleans.Ours.GetType(name)));
    }

    [Fact]
    public void EngineTypes_OutsideTheModel_LiveInTheirOwnNamespace()
    {
        var strays = typeof(GrainEngine).Assembly.GetExportedTypes()
            .Where(static type => !IsModel(type.Namespace) && type.Namespace != typeof(GrainEngine).Namespace);

        Assert.Empty(strays);
    }

    private static bool IsModel(string? space) => space == "Orleans" || space?.StartsWith("Orleans.", StringComparison.Ordinal) == true;

    private static SurfaceComparer Comparer(RealOrleans orleans) =>
        new(
            [.. orleans.Ours.GetExportedTypes().Where(static type => IsModel(type.Namespace))],
            orleans.Assembly.GetExportedTypes(),
            static type => type.FullName!);
}
