using System.Text;

namespace LlmObserve.LocalOrleans;

/// <summary>
/// Says what a call waits for: from the call's own grain along the calls that this grain waits for, and so on, until one ends in no
/// further call or comes back to a grain seen before, which is a deadlock.
/// </summary>
internal static class CallChain
{
    public static string Describe(Call call, IReadOnlyList<Pending> outstanding)
    {
        var callsFrom = outstanding
            .Where(pending => pending.Call.Source is not null)
            .ToLookup(pending => pending.Call.Source!, pending => pending.Call);

        var text = new StringBuilder(call.Source is { } source ? source.GrainId.ToString() : "a caller that is no grain");
        var path = new List<Call>();
        var cycle = FindCycle(call, callsFrom, path, []);
        foreach (var step in path)
        {
            text.Append(" → ").Append(NameOf(step));
        }

        if (cycle is not null)
        {
            text.Append("; ").Append(cycle.GrainId).Append(" waits for itself: a deadlock of its requests");
        }

        return text.ToString();
    }

    public static string NameOf(Call call) =>
        call.Target is { } target ? $"{target.GrainId}.{call.Method.Name}" : $"{call.Method.Contract.Name}.{call.Method.Name}";

    // Depth first; leaves in the path the way to the cycle, or where there is none the first way to an end.
    private static Activation? FindCycle(Call call, ILookup<Activation, Call> callsFrom, List<Call> path, HashSet<Activation> seen)
    {
        path.Add(call);
        if (call.Target is not { } target)
        {
            return null;
        }

        if (!target.Interleaves(call) && path.Any(earlier => ReferenceEquals(earlier.Source, target)))
        {
            return target;
        }

        if (!seen.Add(target))
        {
            return null;
        }

        var deepest = path.Count;
        List<Call>? firstWay = null;
        foreach (var next in callsFrom[target])
        {
            var way = new List<Call>(path);
            if (FindCycle(next, callsFrom, way, seen) is { } cycle)
            {
                path.AddRange(way.Skip(deepest));
                return cycle;
            }

            firstWay ??= way;
        }

        path.AddRange(firstWay?.Skip(deepest) ?? []);
        return null;
    }
}
