namespace LlmObserve.Demo;

/// <summary>A call that an agent makes: which recorded answer it gets, and with which tool where it uses one.</summary>
internal sealed record Step(Recording Answer, string? Tool = null);

/// <summary>An agent and what it does for one request of a customer.</summary>
internal sealed record Agent(string Name, IReadOnlyList<Step> Steps);

/// <summary>The small company: it sells a travel concierge and a contract reader to three customers.</summary>
internal static class Company
{
    public static IReadOnlyList<string> Customers { get; } = ["bluebird-travel", "harbor-legal", "mosaic-clinic"];

    /// <summary>The one who is on a plan with a hard limit.</summary>
    public static string Limited => "mosaic-clinic";

    public static IReadOnlyList<Agent> Agents { get; } =
    [
        new Agent("concierge",
        [
            new Step(Recording.Load("openai-chat-gpt-4o-mini")),
            new Step(Recording.Load("pinecone-query"), "search"),
            new Step(Recording.Load("openai-chat-gpt-4o")),
        ]),
        new Agent("reader",
        [
            new Step(Recording.Load("openai-embeddings"), "index"),
            new Step(Recording.Load("pinecone-upsert"), "index"),
            new Step(Recording.Load("anthropic-messages-haiku")),
            new Step(Recording.Load("anthropic-messages-sonnet")),
        ]),
    ];
}
