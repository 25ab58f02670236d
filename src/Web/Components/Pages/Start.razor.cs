using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Web.Components.Pages;

/// <summary>The first page: whether the engine runs, and what to do next.</summary>
public sealed partial class Start : ComponentBase
{
    private EngineState _state;

    [Inject] private ApiStatus Status { get; set; } = null!;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    private string Api { get; set; } = "";

    private string StateClass => _state switch
    {
        EngineState.Ready => "good",
        EngineState.Impaired => "warning",
        _ => "bad",
    };

    private string StateWord => _state switch
    {
        EngineState.Ready => "Running",
        EngineState.Impaired => "Not ready",
        _ => "No answer",
    };

    private string StateSentence => _state switch
    {
        EngineState.Ready => "The cost engine is running: it prices every call to a model, counts it once, and holds the caps you set.",
        EngineState.Impaired => "The API answers, but its database or its grains do not. It recovers by itself; its log says what is missing.",
        _ => "This page is up, but the API does not answer. Look at the terminal or the log of the server.",
    };

    private string SignUp =>
        $$"""
        curl -X POST {{Api}}/auth/signup \
          -H 'content-type: application/json' \
          -d '{"email":"you@example.com","password":"a long sentence of yours"}'
        """;

    private static string Keep =>
        """
        TOKEN=   # "token" of the answer
        KEY=     # "key" of the answer, llmo_sk_…
        """;

    private string FirstEvent =>
        $$"""
        curl -X POST {{Api}}/events/ \
          -H "authorization: Bearer $KEY" -H 'content-type: application/json' \
          -d '[{"id":"first","run_id":"run-1","span_id":"span-1","section":"agent:helper","span_type":"llm",
               "provider":"openai","endpoint":"chat","model":"gpt-4o","customer_id":"acme",
               "input_tokens":1200,"output_tokens":300}]'
        """;

    private string MakeCap =>
        $$"""
        curl -X POST {{Api}}/caps/ \
          -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \
          -d '{"cap_type":"customer","target_name":"acme","limit_amount":0.01,
               "period":"daily","enforcement":"hard_block"}'
        """;

    private string Check =>
        $"""
        curl "{Api}/caps/check?provider=openai&model=gpt-4o&customer_id=acme" \
          -H "authorization: Bearer $KEY"
        """;

    private string Demo => $"./dev demo --url {Api}";

    protected override async Task OnInitializedAsync()
    {
        Api = Status.AddressFor(Context.Request);
        _state = await Status.AskAsync(Context.RequestAborted);
    }
}
