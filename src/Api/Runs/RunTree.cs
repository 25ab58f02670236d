using System.Collections.Immutable;
using LlmObserve.Storage.Runs;

namespace LlmObserve.Api.Runs;

/// <summary>
/// Calls as a tree by <c>span_id</c> and <c>parent_span_id</c>, in the order given. Clients send what they like, and a page must show all of it:
/// a call whose parent is not there is a root; of calls that share a span id the first is the parent; where spans are their own
/// ancestors, the first of them is a root; and below <see cref="MaxDepth"/> a call goes beside its parent, not below it.
/// </summary>
internal static class RunTree
{
    /// <summary>
    /// Levels of the answer. Each costs a reader two levels of JSON, and readers stop at 64 by default.
    /// </summary>
    public const int MaxDepth = 24;

    public static IReadOnlyList<RunEventAnswer> Build(ImmutableArray<RunEvent> events)
    {
        var parents = ParentsOf(events);
        CutCycles(parents);
        var children = new List<int>?[events.Length];
        var roots = new List<int>();
        for (var i = 0; i < events.Length; i++)
        {
            if (parents[i] < 0)
            {
                roots.Add(i);
            }
            else
            {
                (children[parents[i]] ??= []).Add(i);
            }
        }

        return Nest(roots, 1);

        List<RunEventAnswer> Nest(List<int> siblings, int depth)
        {
            var answers = new List<RunEventAnswer>(siblings.Count);
            foreach (var i in depth < MaxDepth ? siblings : WithDescendants(siblings, children))
            {
                answers.Add(new RunEventAnswer(events[i], depth < MaxDepth && children[i] is { } below ? Nest(below, depth + 1) : []));
            }

            return answers;
        }
    }

    /// <summary>For each event the place of its parent, −1 where it has none here.</summary>
    private static int[] ParentsOf(ImmutableArray<RunEvent> events)
    {
        var bySpan = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < events.Length; i++)
        {
            bySpan.TryAdd(events[i].SpanId, i);
        }

        var parents = new int[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            parents[i] = events[i].ParentSpanId is { } parent && bySpan.TryGetValue(parent, out var at) ? at : -1;
        }

        return parents;
    }

    /// <summary>Makes a root of the first event of every cycle.</summary>
    private static void CutCycles(int[] parents)
    {
        // Which walk came by, so that each event is walked over once.
        var seenBy = new int[parents.Length];
        for (var start = 0; start < parents.Length; start++)
        {
            var walk = start + 1;
            var at = start;
            while (at >= 0 && seenBy[at] == 0)
            {
                seenBy[at] = walk;
                at = parents[at];
            }

            if (at >= 0 && seenBy[at] == walk)
            {
                parents[FirstOfCycle(parents, at)] = -1;
            }
        }
    }

    private static int FirstOfCycle(int[] parents, int member)
    {
        var first = member;
        for (var at = parents[member]; at != member; at = parents[at])
        {
            first = Math.Min(first, at);
        }

        return first;
    }

    /// <summary>The events and all that is below them, each before what is below it.</summary>
    private static List<int> WithDescendants(List<int> siblings, List<int>?[] children)
    {
        var all = new List<int>();
        var rest = new Stack<int>(Enumerable.Reverse(siblings));
        while (rest.TryPop(out var at))
        {
            all.Add(at);
            foreach (var child in Enumerable.Reverse(children[at] ?? []))
            {
                rest.Push(child);
            }
        }

        return all;
    }
}
