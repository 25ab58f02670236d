using Microsoft.AspNetCore.Components;

namespace LlmObserve.Web.Components.Onboarding;

/// <summary>Programs that send a first event, to be pasted as they stand.</summary>
public sealed partial class Snippets : ComponentBase
{
    /// <summary>Stands where a key has to go.</summary>
    public const string NoKey = "YOUR_KEY";

    /// <summary>Where a program reaches the API.</summary>
    [Parameter, EditorRequired] public string Api { get; set; } = "";

    /// <summary>The key's text, where it is known this once.</summary>
    [Parameter] public string? Key { get; set; }

    private string Bearer => Key ?? NoKey;

    private IReadOnlyList<Snippet> All { get; set; } = [];

    protected override void OnParametersSet() => All =
    [
        new("python", "Python", "pip install llmobserve openai", Python, "Every call that goes over HTTP from then on is counted, at OpenAI and elsewhere. Calls wait for nothing: events are sent beside them."),
        new("node", "Node", "npm install llmobserve openai", Node, "Every call that goes through fetch is counted. Save it as app.mjs; it needs your OPENAI_API_KEY."),
        new("dotnet", ".NET", null, DotNet, "Plain HTTP: what you send is what your call used. The server prices it."),
        new("curl", "curl", null, Curl, "A made-up call: 1,200 tokens in and 300 out of gpt-4o. Sent again it is counted once, by its id."),
    ];

    private string Python =>
        $$"""
        from llmobserve import observe
        observe(collector_url="{{Api}}", api_key="{{Bearer}}", customer_id="acme")

        from openai import OpenAI
        answer = OpenAI().chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "Say hello."}],
        )
        print(answer.choices[0].message.content)
        """;

    private string Node =>
        $$"""
        import { observe, flush } from 'llmobserve';
        observe({ collectorUrl: '{{Api}}', apiKey: '{{Bearer}}', customerId: 'acme' });

        import OpenAI from 'openai';
        const answer = await new OpenAI({ fetch: (...args) => fetch(...args) }).chat.completions.create({
          model: 'gpt-4o-mini',
          messages: [{ role: 'user', content: 'Say hello.' }],
        });
        console.log(answer.choices[0].message.content);
        await flush();
        """;

    private string DotNet =>
        $$"""
        using System.Net.Http.Headers;
        using System.Net.Http.Json;

        using var http = new HttpClient { BaseAddress = new Uri("{{Api}}/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "{{Bearer}}");
        var call = new
        {
            id = Guid.NewGuid(), run_id = "first-run", span_id = "1", section = "agent:helper", span_type = "llm",
            provider = "openai", endpoint = "chat", model = "gpt-4o", customer_id = "acme",
            input_tokens = 1200, output_tokens = 300,
        };
        var answer = await http.PostAsJsonAsync("events/", new[] { call });
        Console.WriteLine(await answer.Content.ReadAsStringAsync());
        """;

    private string Curl =>
        $$"""
        curl -X POST {{Api}}/events/ \
          -H 'authorization: Bearer {{Bearer}}' -H 'content-type: application/json' \
          -d '[{"id":"first","run_id":"first-run","span_id":"1","section":"agent:helper","span_type":"llm",
               "provider":"openai","endpoint":"chat","model":"gpt-4o","customer_id":"acme",
               "input_tokens":1200,"output_tokens":300}]'
        """;

    private sealed record Snippet(string Id, string Name, string? Install, string Text, string Note);
}
