namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>
/// The types that the real Orleans.Core.Abstractions.dll does not hold. What it says of them is checked against it: it uses the
/// serialization attributes itself. For the others this is the shape of 10.4.2, so that a change here is a decision, and the build
/// against the cluster engine proves it.
/// </summary>
public sealed class ElsewhereTests
{
    private const string Attribute = "sealed class : System.Attribute";

    private static readonly Dictionary<string, string[]> Shapes = new(StringComparer.Ordinal)
    {
        ["Orleans.GenerateSerializerAttribute"] = [Attribute, "usage 28", "public new()"],
        ["Orleans.IdAttribute"] =
        [
            Attribute, "usage 2524", "public new(System.UInt32 id)", "public System.UInt32 get_Id()", "property System.UInt32 Id",
        ],
        ["Orleans.AliasAttribute"] =
        [
            Attribute, "usage 1116 AllowMultiple=True", "public new(System.String alias)", "public System.String get_Alias()",
            "property System.String Alias",
        ],
        ["Orleans.ImmutableAttribute"] = [Attribute, "usage 10636 Inherited=False", "public new()"],
        ["Orleans.RegisterConverterAttribute"] = [Attribute, "usage 12", "public new()"],
        ["Orleans.IConverter`2"] =
        [
            "interface<None , NotNullableValueTypeConstraint, DefaultConstructorConstraint System.ValueType>",
            "public abstract !0 ConvertFromSurrogate(in ref !1 surrogate)", "public abstract !1 ConvertToSurrogate(in ref !0 value)",
        ],
        ["Orleans.IClusterClient"] =
        [
            "interface : Orleans.IGrainFactory", "public abstract System.IServiceProvider get_ServiceProvider()",
            "property System.IServiceProvider ServiceProvider",
        ],
        ["Orleans.IGrainState`1"] =
        [
            "interface<None >", "public abstract !0 get_State()", "public abstract System.Void set_State(!0 value)", "property !0 State",
            "public abstract System.String? get_ETag()", "public abstract System.Void set_ETag(System.String? value)",
            "property System.String? ETag", "public abstract System.Boolean get_RecordExists()",
            "public abstract System.Void set_RecordExists(System.Boolean value)", "property System.Boolean RecordExists",
        ],
        ["Orleans.CollectionAgeLimitAttribute"] =
        [
            "class : System.Attribute", "usage 4", "public new()", "public new(System.String inactivityPeriod)",
            "field static System.TimeSpan MinAgeLimit readonly",
            "public System.Double get_Days()", "public System.Void set_Days(System.Double value)", "property System.Double Days",
            "public System.Double get_Hours()", "public System.Void set_Hours(System.Double value)", "property System.Double Hours",
            "public System.Double get_Minutes()", "public System.Void set_Minutes(System.Double value)", "property System.Double Minutes",
            "public System.Boolean get_AlwaysActive()", "public System.Void set_AlwaysActive(System.Boolean value)",
            "property System.Boolean AlwaysActive", "public System.TimeSpan get_AgeLimit()", "property System.TimeSpan AgeLimit",
        ],
        ["Orleans.KeepAliveAttribute"] = ["class : System.Attribute", "usage 4", "public new()"],
        ["Orleans.Storage.IGrainStorage"] =
        [
            "interface", .. new[] { "Read", "Write", "Clear" }.SelectMany(static verb => new[]
            {
                $"public abstract {StorageMethod(verb)})",
                $"public virtual {StorageMethod(verb)}, System.Threading.CancellationToken cancellationToken)",
            }),
        ],
        ["Orleans.Storage.InconsistentStateException"] =
        [
            "class : Orleans.Runtime.OrleansException", "public new()", "public new(System.String message)",
            "public new(System.String message, System.Exception? innerException)",
            "public new(System.String errorMsg, System.String? storedEtag, System.String? currentEtag)",
            "public System.String? get_StoredEtag()", "property System.String? StoredEtag",
            "public System.String? get_CurrentEtag()", "property System.String? CurrentEtag",
            "public override System.String ToString()",
        ],
        ["Orleans.IFacetMetadata"] = ["interface"],
        ["Orleans.Runtime.IPersistentState`1"] = ["interface<None > : Orleans.Core.IStorage, Orleans.Core.IStorage`1<!0>"],
        ["Orleans.Runtime.IPersistentStateConfiguration"] =
        [
            "interface", "public abstract System.String get_StateName()", "property System.String StateName",
            "public abstract System.String? get_StorageName()", "property System.String? StorageName",
        ],
        ["Orleans.Runtime.PersistentStateAttribute"] =
        [
            "class : System.Attribute, Orleans.IFacetMetadata, Orleans.Runtime.IPersistentStateConfiguration", "usage 2048",
            "public new(System.String stateName, System.String? storageName = default)",
            "public System.String get_StateName()", "property System.String StateName",
            "public System.String? get_StorageName()", "property System.String? StorageName",
        ],
        ["Orleans.Hosting.ISiloBuilder"] =
        [
            "interface", "public abstract Microsoft.Extensions.DependencyInjection.IServiceCollection get_Services()",
            "property Microsoft.Extensions.DependencyInjection.IServiceCollection Services",
        ],
        ["Orleans.Hosting.GrainCallFilterSiloBuilderExtensions"] =
        [
            "static class",
            FilterMethod("", ", Orleans.IIncomingGrainCallFilter filter"),
            FilterMethod("", ", Orleans.IncomingGrainCallFilterDelegate filter"),
            FilterMethod("<ReferenceTypeConstraint Orleans.IIncomingGrainCallFilter>", ""),
        ],
    };

    public static TheoryData<string> Names => [.. ContractTests.Elsewhere.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Type_OfAnotherAssembly_HasTheShapeThatWasDecided(string name)
    {
        using var orleans = new RealOrleans();
        var type = orleans.Ours.GetType(name)!;
        var surface = new Surface(static type => type.FullName!);
        var bases = type.GetInterfaces().Select(surface.NameOf).Order(StringComparer.Ordinal)
            .Prepend(type is { BaseType: { } parent, IsSealed: true, IsAbstract: true } || type.BaseType is null ? null : surface.NameOf(type.BaseType))
            .Where(static line => line is not null and not "System.Runtime.Serialization.ISerializable");
        var shape = string.Join(" : ", new[] { surface.ShapeOf(type), string.Join(", ", bases) }.Where(static part => part.Length > 0));

        Assert.Equal(
            Shapes[name].Order(StringComparer.Ordinal),
            new[] { shape, Surface.UsageOf(type) }.OfType<string>().Concat(surface.MembersOf(type).Keys)
                .Where(static line => !line.Contains("AttributeUsage", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
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
        Assert.Equal("Orleans.Serialization.Abstractions", ContractTests.Elsewhere[name]);
    }

    private static string StorageMethod(string verb) =>
        $"System.Threading.Tasks.Task {verb}StateAsync<None >"
        + "(System.String stateName, Orleans.Runtime.GrainId grainId, Orleans.IGrainState`1<!!0> grainState";

    private static string FilterMethod(string constraint, string parameter) =>
        $"public static Orleans.Hosting.ISiloBuilder AddIncomingGrainCallFilter{constraint}"
        + $"(this Orleans.Hosting.ISiloBuilder builder{parameter})";
}
