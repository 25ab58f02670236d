using System.Collections.Immutable;

namespace LlmObserve.Bench.Seeding;

/// <summary>A model of the mix, by its canonical name and as a provider answers with it, with what its tokens cost.</summary>
internal sealed record MixModel(string Provider, string Name, string RawName, long InputNanos, long OutputNanos);

/// <summary>What the seeded and the sent events are made of: 10 models, 6 agents, customers by a log-uniform distribution.</summary>
internal static class CallMix
{
    public const int Customers = 1_000;

    /// <summary>Nano-dollars per token, of the size of real prices; the seeded costs need not follow the book, which changes.</summary>
    public static readonly ImmutableArray<MixModel> Models =
    [
        new("openai", "gpt-4o", "gpt-4o-2024-08-06", 2_500, 10_000),
        new("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", 150, 600),
        new("openai", "gpt-4.1", "gpt-4.1-2025-04-14", 2_000, 8_000),
        new("openai", "o3-mini", "o3-mini-2025-01-31", 1_100, 4_400),
        new("anthropic", "claude-3-5-haiku-latest", "claude-3-5-haiku-latest", 800, 4_000),
        new("anthropic", "claude-sonnet-4-0", "claude-sonnet-4-0", 3_000, 15_000),
        new("anthropic", "claude-opus-4-0", "claude-opus-4-0", 15_000, 75_000),
        new("google", "gemini-2.0-flash", "gemini-2.0-flash", 100, 400),
        new("google", "gemini-2.5-pro", "gemini-2.5-pro", 1_250, 10_000),
        new("mistral", "mistral-large-latest", "mistral-large-latest", 2_000, 6_000),
    ];

    public static readonly ImmutableArray<string> Agents = ["researcher", "writer", "support", "planner", "reviewer", "summariser"];

    /// <summary>Pairs of model and agent.</summary>
    public static int Pairs => Models.Length * Agents.Length;

    /// <summary>Every agent calls from one section.</summary>
    public const string Section = "tool:web_search";

    private static readonly ImmutableArray<string> s_customers = [.. Enumerable.Range(0, Customers).Select(index => $"customer-{index:0000}")];

    private static readonly ImmutableArray<string> s_sectionPaths = [.. Agents.Select(agent => $"agent:{agent}/{Section}")];

    public static string SectionPath(int agent) => s_sectionPaths[agent];

    public static string Customer(int index) => s_customers[index];

    /// <summary>Log-uniform: the first customer makes a tenth of all calls, the last a seven-thousandth.</summary>
    public static int NextCustomer(Random random) => (int)Math.Pow(Customers + 1, random.NextDouble()) - 1;

    /// <summary>One call.</summary>
    public static MixCall NextCall(Random random) => new(
        random.Next(Models.Length),
        random.Next(Agents.Length),
        50 + random.Next(3_000),
        10 + random.Next(900),
        (int)(150 * Math.Exp(3.5 * random.NextDouble())),
        random.Next(100) == 0);
}

/// <summary>One call of the mix.</summary>
internal readonly record struct MixCall(int Model, int Agent, int InputTokens, int OutputTokens, int LatencyMs, bool IsError)
{
    public int Pair => (Model * CallMix.Agents.Length) + Agent;

    public long CostNanos => (InputTokens * CallMix.Models[Model].InputNanos) + (OutputTokens * CallMix.Models[Model].OutputNanos);
}
