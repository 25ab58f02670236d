using LlmObserve.Domain.Money;
using LlmObserve.Web.Api;

namespace LlmObserve.Web.Components.Sections;

/// <summary>
/// Sections as a tree, from their paths: <c>agent:researcher/tool:web_search</c> stands below <c>agent:researcher</c>, whether that has calls of
/// its own or not.
/// </summary>
public static class SectionTree
{
    /// <summary>
    /// Levels of the tree. Programs nest a handful; a path of 1,000 characters could have 500, which neither a page nor a reader takes. What is
    /// deeper keeps the rest of its path as its name.
    /// </summary>
    public const int MaxDepth = 16;

    private const char Separator = '/';

    public static IReadOnlyList<SectionNode> Of(IEnumerable<SectionFigures> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var root = new Branch("", "");
        foreach (var row in rows)
        {
            root.Add(row);
        }

        return root.Children();
    }

    private sealed class Branch(string name, string path)
    {
        private readonly Dictionary<string, Branch> _branches = new(StringComparer.Ordinal);

        private FiguresAnswer? _own;

        public void Add(SectionFigures row)
        {
            var parts = row.SectionPath.Split(Separator, MaxDepth);
            var at = this;
            var length = -1;
            foreach (var part in parts)
            {
                length += part.Length + 1;
                if (!at._branches.TryGetValue(part, out var next))
                {
                    next = at._branches[part] = new Branch(part, row.SectionPath[..length]);
                }

                at = next;
            }

            at._own = row;
        }

        public IReadOnlyList<SectionNode> Children() =>
            [.. _branches.Values.Select(branch => branch.Node()).OrderByDescending(node => node.Cost).ThenBy(node => node.Name, StringComparer.Ordinal)];

        private SectionNode Node()
        {
            var children = Children();
            return new SectionNode(
                name,
                path,
                _own,
                (_own?.TotalCost ?? Usd.Zero) + Usd.Sum(children.Select(child => child.Cost)),
                (_own?.CallCount ?? 0) + children.Sum(child => child.Calls),
                (_own?.Errors ?? 0) + children.Sum(child => child.Errors),
                children);
        }
    }
}
