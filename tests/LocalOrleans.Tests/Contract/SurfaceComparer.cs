namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>Says where types of ours differ from the real ones of the same names. Ours may have less, never anything else.</summary>
internal sealed class SurfaceComparer(IReadOnlyList<Type> ours, IReadOnlyList<Type> real, Func<Type, string> fullName)
{
    private readonly Surface _surface = new(fullName);
    private readonly Dictionary<string, Type> _ours = ours.ToDictionary(fullName, StringComparer.Ordinal);
    private readonly Dictionary<string, Type> _real = real.ToDictionary(fullName, StringComparer.Ordinal);

    /// <summary>The differences, each as a sentence.</summary>
    /// <param name="elsewhere">Types that live in assemblies that cannot be read here; they are not compared.</param>
    /// <param name="complete">Interfaces that the solution's own code implements: these must not have less either.</param>
    public IReadOnlyList<string> Differences(IReadOnlySet<string> elsewhere, IReadOnlySet<string> complete)
    {
        var differences = new List<string>();
        foreach (var (name, type) in _ours)
        {
            if (_real.TryGetValue(name, out var realType))
            {
                differences.AddRange(Compare(type, realType, complete.Contains(name)).Select(difference => $"{name}: {difference}"));
            }
            else if (!elsewhere.Contains(name))
            {
                differences.Add($"{name}: the real one has no such type");
            }
        }

        return differences;
    }

    private IEnumerable<string> Compare(Type type, Type realType, bool complete)
    {
        foreach (var (what, mine, theirs) in new[]
        {
            ("shape", _surface.ShapeOf(type), _surface.ShapeOf(realType)),
            ("attribute usage", Surface.UsageOf(type), Surface.UsageOf(realType)),
            ("base", BaseOf(type), BaseOf(realType)),
            ("interfaces of the model", InterfacesOf(type), InterfacesOf(realType)),
        })
        {
            if (mine != theirs)
            {
                yield return $"{what} is \"{mine}\", the real one's \"{theirs}\"";
            }
        }

        var foreign = ForeignInterfacesOf(type).Except(ForeignInterfacesOf(realType)).ToList();
        if (foreign.Count > 0)
        {
            yield return $"implements {string.Join(", ", foreign)}, which the real one does not";
        }

        var mineMembers = _surface.MembersOf(type);
        var realMembers = _surface.MembersOf(realType);
        foreach (var (line, member) in mineMembers)
        {
            if (!realMembers.TryGetValue(line, out var realMember))
            {
                if (Surface.IsOverride(member) && !realMembers.Values.Any(other => Surface.IsOverride(other) && other.Name == member.Name))
                {
                    // The base has it in the real one.
                    continue;
                }

                yield return $"the real one has no \"{line}\"";
            }
            else if (Surface.IsObsolete(realMember) && !Surface.IsObsolete(member))
            {
                yield return $"\"{line}\" is obsolete in the real one";
            }
        }

        if (complete)
        {
            foreach (var line in realMembers.Keys.Where(line => !mineMembers.ContainsKey(line)))
            {
                yield return $"\"{line}\" is missing";
            }
        }
    }

    // The nearest base that both sides know.
    private string? BaseOf(Type type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (IsModel(parent) || !IsOrleans(parent))
            {
                return _surface.NameOf(parent);
            }
        }

        return null;
    }

    private string InterfacesOf(Type type) =>
        string.Join(", ", type.GetInterfaces().Where(IsModel).Select(_surface.NameOf).Order(StringComparer.Ordinal));

    private IEnumerable<string> ForeignInterfacesOf(Type type) =>
        type.GetInterfaces().Where(candidate => !IsOrleans(candidate)).Select(_surface.NameOf);

    private bool IsModel(Type type) => _ours.ContainsKey(Definition(type)) && _real.ContainsKey(Definition(type));

    private bool IsOrleans(Type type) => IsModel(type) || Definition(type).StartsWith("Orleans", StringComparison.Ordinal);

    private string Definition(Type type) => fullName(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
}
