namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>That the contract test would fail: the comparer against planted differences.</summary>
public sealed class SurfaceComparerTests
{
    [Theory]
    [InlineData("IDerived", "interfaces of the model")]
    [InlineData("IMethod", "has no \"public abstract System.Threading.Tasks.Task RunAsync(System.Int32 key)\"")]
    [InlineData("IReturn", "has no \"public abstract System.Threading.Tasks.ValueTask`1<System.Int32> RunAsync()\"")]
    [InlineData("IParameterName", "has no \"public abstract System.Threading.Tasks.Task RunAsync(System.String id)\"")]
    [InlineData("IDefault", "has no \"public abstract System.Threading.Tasks.Task RunAsync(System.String? key)\"")]
    [InlineData("IConstraint", "has no \"public abstract !!0 Get<")]
    [InlineData("Kind", "shape is \"struct\", the real one's \"class\"")]
    [InlineData("Parent", "base is \"System.Object\", the real one's \"System.Exception\"")]
    [InlineData("Sealed", "shape is \"sealed class\", the real one's \"class\"")]
    [InlineData("Access", "has no \"public System.Void Run()\"")]
    [InlineData("Setter", "has no \"public System.Void set_Value(System.Int32 value)\"")]
    [InlineData("TargetAttribute", "attribute usage is \"usage 4\", the real one's \"usage 64\"")]
    [InlineData("Code", "has no \"field static")]
    [InlineData("Old", "is obsolete in the real one")]
    [InlineData("Extra", "implements System.IDisposable, which the real one does not")]
    [InlineData("INullable", "has no \"public abstract System.String Find(System.String key)\"")]
    [InlineData("Text", "has no \"public override System.String? ToString()\"")]
    [InlineData("Unknown", "the real one has no such type")]
    public void Differences_OfAPlantedType_NamesTheDifference(string type, string difference)
    {
        var differences = Differences(complete: []);

        Assert.Contains(differences, line => line.StartsWith($"{type}: ", StringComparison.Ordinal) && line.Contains(difference, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ISame`1")]
    [InlineData("IBase")]
    [InlineData("ILess")]
    public void Differences_OfATypeThatIsSameOrLess_NamesNone(string type) =>
        Assert.DoesNotContain(Differences(complete: []), line => line.StartsWith($"{type}: ", StringComparison.Ordinal));

    [Fact]
    public void Differences_OfLessWhereAllIsNeeded_NamesWhatIsMissing() =>
        Assert.Contains("ILess: \"public abstract System.Void Second()\" is missing", Differences(complete: ["ILess"]));

    private static IReadOnlyList<string> Differences(HashSet<string> complete)
    {
        using var orleans = new RealOrleans();
        return new SurfaceComparer(Nested(nameof(Planted.Ours)), Nested(nameof(Planted.Real)), NameOf)
            .Differences(new HashSet<string>(), complete);

        Type[] Nested(string side) => orleans.Tests.GetType($"{typeof(Planted).FullName}+{side}")!.GetNestedTypes();

        // Twins have one name.
        static string NameOf(Type type) => type.DeclaringType?.DeclaringType?.Name == nameof(Planted) ? type.Name : type.FullName!;
    }
}
