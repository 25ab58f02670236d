using System.Collections.Frozen;

namespace LlmObserve.LocalOrleans.Tests.Contract;

public sealed class ContractTests
{
    // The types of the model that live in other assemblies than Orleans.Core.Abstractions, by the assembly. Those assemblies are not
    // to be had from every registry; ElsewhereTests says what is known of them, and the build against the cluster engine checks the rest.
    internal static readonly FrozenDictionary<string, string> Elsewhere = new Dictionary<string, string>
    {
        ["Orleans.GenerateSerializerAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.IdAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.AliasAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.ImmutableAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.RegisterConverterAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.IConverter`2"] = "Orleans.Serialization.Abstractions",
        ["Orleans.IClusterClient"] = "Orleans.Core",
        ["Orleans.IGrainState`1"] = "Orleans.Core",
        ["Orleans.CollectionAgeLimitAttribute"] = "Orleans.Core",
        ["Orleans.KeepAliveAttribute"] = "Orleans.Core",
        ["Orleans.Storage.IGrainStorage"] = "Orleans.Core",
        ["Orleans.Storage.InconsistentStateException"] = "Orleans.Core",
        ["Orleans.IFacetMetadata"] = "Orleans.Runtime",
        ["Orleans.Runtime.IPersistentState`1"] = "Orleans.Runtime",
        ["Orleans.Runtime.IPersistentStateConfiguration"] = "Orleans.Runtime",
        ["Orleans.Runtime.PersistentStateAttribute"] = "Orleans.Runtime",
        ["Orleans.Hosting.ISiloBuilder"] = "Orleans.Runtime",
        ["Orleans.Hosting.GrainCallFilterSiloBuilderExtensions"] = "Orleans.Runtime",
    }.ToFrozenDictionary();

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

        var differences = Comparer(orleans).Differences(Elsewhere.Keys.ToHashSet(), Implemented);

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

        Assert.DoesNotContain(Elsewhere.Keys, name => orleans.Assembly.GetType(name) is not null);
        Assert.All(Elsewhere.Keys, name => Assert.NotNull(orleans.Ours.GetType(name)));
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
