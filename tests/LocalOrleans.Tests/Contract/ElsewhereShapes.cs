using System.Collections.Frozen;

namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>
/// The types of the model that live in other assemblies than Orleans.Core.Abstractions, as 10.4.2 has them. Those assemblies are not to be had
/// from every registry, so what the in-process engine has is compared with this, and in the cluster build this with the real ones.
/// </summary>
internal static class ElsewhereShapes
{
    /// <summary>In which assembly each is.</summary>
    public static readonly FrozenDictionary<string, string> Assemblies = new Dictionary<string, string>
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

    private const string Attribute = "sealed class : System.Attribute";

    /// <summary>What each shows.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Shapes = new Dictionary<string, string[]>(StringComparer.Ordinal)
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

    /// <summary>What a type shows, line by line, in any order.</summary>
    public static IEnumerable<string> Of(Type type)
    {
        var surface = new Surface(static type => type.FullName!);
        var bases = type.GetInterfaces().Select(surface.NameOf).Order(StringComparer.Ordinal)
            .Prepend(type is { BaseType: { } parent, IsSealed: true, IsAbstract: true } || type.BaseType is null ? null : surface.NameOf(type.BaseType))
            .Where(static line => line is not null and not "System.Runtime.Serialization.ISerializable");
        var shape = string.Join(" : ", new[] { surface.ShapeOf(type), string.Join(", ", bases) }.Where(static part => part.Length > 0));
        return new[] { shape, Surface.UsageOf(type) }.OfType<string>().Concat(surface.MembersOf(type).Keys)
            .Where(static line => !line.Contains("AttributeUsage", StringComparison.Ordinal));
    }

    private static string StorageMethod(string verb) =>
        $"System.Threading.Tasks.Task {verb}StateAsync<None >"
        + "(System.String stateName, Orleans.Runtime.GrainId grainId, Orleans.IGrainState`1<!!0> grainState";

    private static string FilterMethod(string constraint, string parameter) =>
        $"public static Orleans.Hosting.ISiloBuilder AddIncomingGrainCallFilter{constraint}"
        + $"(this Orleans.Hosting.ISiloBuilder builder{parameter})";
}
