using System.Text;
using LlmObserve.Bench.Seeding;

namespace LlmObserve.Bench.Running;

/// <summary>Bodies of <c>POST /events/</c> as the published SDKs send them, made before the clock runs.</summary>
internal sealed class EventBodies(Random random)
{
    private const int CallsPerRun = 10;

    /// <summary>Bodies that hold <paramref name="events"/> new events together, in batches.</summary>
    /// <param name="events">How many.</param>
    /// <param name="batch">How many in one body.</param>
    /// <param name="oneCustomer">All for one customer; otherwise for the customers of the mix.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> Make(int events, int batch, bool oneCustomer) =>
        [.. Enumerable.Range(0, events / batch).Select(_ => Make(batch, oneCustomer))];

    private ReadOnlyMemory<byte> Make(int batch, bool oneCustomer)
    {
        var json = new StringBuilder("[");
        var run = "";
        for (var i = 0; i < batch; i++)
        {
            run = i % CallsPerRun == 0 ? NextId() : run;
            var call = CallMix.NextCall(random);
            var model = CallMix.Models[call.Model];
            var customer = CallMix.Customer(oneCustomer ? 0 : CallMix.NextCustomer(random));
            json.Append(i == 0 ? "" : ",").Append(
                $$"""
                {"id":"{{NextId()}}","run_id":"{{run}}","span_id":"{{NextId()}}","parent_span_id":null,"section":"tool:web_search",
                """).Append(
                $$"""
                "section_path":"agent:{{CallMix.Agents[call.Agent]}}/tool:web_search","span_type":"llm","provider":"{{model.Provider}}",
                """).Append(
                $$"""
                "endpoint":"chat","model":"{{model.RawName}}","tenant_id":"default_tenant","customer_id":"{{customer}}",
                """).Append(
                $$"""
                "input_tokens":{{call.InputTokens}},"output_tokens":{{call.OutputTokens}},"cached_tokens":0,"cost_usd":{{call.CostNanos / 1e9m}},
                """).Append(
                $$"""
                "latency_ms":{{call.LatencyMs}},"status":"{{(call.IsError ? "error" : "ok")}}","is_streaming":false,"stream_cancelled":false,
                """).Append(
                """
                "event_metadata":null,"semantic_label":null}
                """);
        }

        return Encoding.UTF8.GetBytes(json.Append(']').ToString());
    }

    private string NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
