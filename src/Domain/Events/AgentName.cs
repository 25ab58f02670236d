namespace LlmObserve.Domain.Events;

/// <summary>
/// The canonical agent of a call. Raw samples of a section path: <c>agent:researcher/tool:web_search</c>, <c>step:plan/agent:Writer</c>,
/// <c>checkout</c>.
/// <para>
/// The agent is the name in the first <c>agent:NAME</c> segment of the path. A path without one has its innermost section as agent, whole:
/// <c>tool:</c> and <c>step:</c> stay, or a tool and an agent of one name would share a cap. Names are trimmed and in lower case.
/// </para>
/// </summary>
public static class AgentName
{
    private const string Prefix = "agent:";
    private const char Separator = '/';

    /// <summary>
    /// The agent of an event. <paramref name="sectionPath"/> decides; <paramref name="section"/>, its innermost label, where the path is
    /// empty or names no agent. Empty where neither names anything. Returns <paramref name="section"/> itself where that is canonical.
    /// </summary>
    public static string FromSectionPath(string? sectionPath, string section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return FirstAgent(sectionPath) ?? FirstAgent(section) ?? Innermost(section);
    }

    /// <summary>
    /// The agent that a check or a cap names: a bare name, <c>agent:NAME</c>, or the whole path that an event would send. Empty for an empty
    /// text. Gives the same name as the event with that path does.
    /// </summary>
    public static string FromCheck(string? text) => text is null ? "" : FirstAgent(text) ?? Innermost(text);

    private static string? FirstAgent(string? path)
    {
        // Most paths name no agent or name it first: one vectorised look before any cutting.
        if (path is null || !path.Contains(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        foreach (var range in path.AsSpan().Split(Separator))
        {
            var segment = path.AsSpan(range).Trim();
            var name = WithoutPrefix(segment);
            if (name.Length < segment.Length && !name.IsEmpty)
            {
                return LabelText.Canonical(path, name);
            }
        }

        return null;
    }

    private static string Innermost(string section)
    {
        var rest = section.AsSpan().TrimEnd();
        while (rest.EndsWith(Separator))
        {
            rest = rest[..^1].TrimEnd();
        }

        return LabelText.Canonical(section, WithoutPrefix(rest[(rest.LastIndexOf(Separator) + 1)..].Trim()));
    }

    /// <summary>Takes every leading prefix off, so that a canonical name stays what it is when it is read again.</summary>
    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> segment)
    {
        while (segment.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            segment = segment[Prefix.Length..].TrimStart();
        }

        return segment;
    }
}
