using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace LlmObserve.Domain.Prices;

/// <summary>How a <see cref="MatchRule"/> tests a name.</summary>
public enum MatchKind
{
    Equals,
    StartsWith,
    EndsWith,
    Contains,
    Regex,
    And,
    Or,
}

/// <summary>Which names an entry or provider covers. Case never matters; a regular expression sees the name in lower case.</summary>
public sealed class MatchRule
{
    /// <summary>The deepest real rule is 2; more is a slip or an attack on the stack.</summary>
    public const int MaxDepth = 16;

    private readonly Regex? _regex;

    private MatchRule(MatchKind kind, string text, ImmutableArray<MatchRule> parts)
    {
        Kind = kind;
        Text = text;
        Parts = parts;

        // Non-backtracking: a pattern from a file can cost no more than linear time.
        _regex = kind == MatchKind.Regex ? new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant) : null;
    }

    public MatchKind Kind { get; }

    /// <summary>What to look for; empty for <see cref="MatchKind.And"/> and <see cref="MatchKind.Or"/>.</summary>
    public string Text { get; }

    /// <summary>The parts of <see cref="MatchKind.And"/> and <see cref="MatchKind.Or"/>.</summary>
    public ImmutableArray<MatchRule> Parts { get; }

    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="NotSupportedException">The pattern looks around or back, which linear matching cannot do.</exception>
    public static MatchRule Of(MatchKind kind, string text) => new(kind, text, []);

    public static MatchRule All(params ImmutableArray<MatchRule> parts) => new(MatchKind.And, "", parts);

    public static MatchRule Any(params ImmutableArray<MatchRule> parts) => new(MatchKind.Or, "", parts);

    public bool Matches(string name)
    {
        switch (Kind)
        {
            case MatchKind.Equals:
                return name.Equals(Text, StringComparison.OrdinalIgnoreCase);
            case MatchKind.StartsWith:
                return name.StartsWith(Text, StringComparison.OrdinalIgnoreCase);
            case MatchKind.EndsWith:
                return name.EndsWith(Text, StringComparison.OrdinalIgnoreCase);
            case MatchKind.Contains:
                return name.Contains(Text, StringComparison.OrdinalIgnoreCase);
            case MatchKind.Regex:
                return _regex!.IsMatch(name.ToLowerInvariant());
            case MatchKind.And:
                foreach (var part in Parts)
                {
                    if (!part.Matches(name))
                    {
                        return false;
                    }
                }

                return true;
            case MatchKind.Or:
                foreach (var part in Parts)
                {
                    if (part.Matches(name))
                    {
                        return true;
                    }
                }

                return false;
            default:
                throw new InvalidOperationException($"no such rule: {Kind}");
        }
    }
}
