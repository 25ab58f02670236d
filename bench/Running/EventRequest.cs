using System.Text;

namespace LlmObserve.Bench.Running;

/// <summary>A <c>POST /events/</c> of one event as the published SDKs send it, whose ids are written anew into the same bytes each time.</summary>
internal sealed class EventRequest
{
    public const int HoldIdLength = 37;

    private const int IdLength = 36;
    private static readonly string s_id = new('i', IdLength);
    private static readonly string s_hold = new('h', HoldIdLength);

    private readonly byte[] _bytes;
    private readonly int _idAt;
    private readonly int _holdAt;

    /// <param name="server">Where to.</param>
    /// <param name="key">The account's.</param>
    /// <param name="namesHold">Whether it settles a hold.</param>
    public EventRequest(Uri server, string key, bool namesHold)
    {
        NamesHold = namesHold;
        var json = new StringBuilder().Append(
            $$"""
            [{"id":"{{s_id}}","run_id":"0199b3b4-0000-7000-8000-000000000000","span_id":"0199b3b4-0000-7000-8000-000000000001","parent_span_id":null,
            """).Append(
            """
            "section":"tool:web_search","section_path":"agent:researcher/tool:web_search","span_type":"llm","provider":"openai","endpoint":"chat",
            """).Append(
            """
            "model":"gpt-4o-2024-08-06","tenant_id":"default_tenant","customer_id":"customer-0000","input_tokens":1200,"output_tokens":400,
            """).Append(
            """
            "cached_tokens":0,"cost_usd":0.007,"latency_ms":900,"status":"ok","is_streaming":false,"stream_cancelled":false,
            """).Append(namesHold ? $"\"hold_id\":\"{s_hold}\"," : "").Append(
            """
            "event_metadata":null,"semantic_label":null}]
            """);
        _bytes = RawRequest.Post(new Uri(server, "/events/"), key, json.ToString());
        _idAt = _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(s_id));
        _holdAt = _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(s_hold));
    }

    public bool NamesHold { get; }

    /// <summary>A new event; of this hold, where it names one. Valid until the next.</summary>
    public ReadOnlyMemory<byte> Next(ReadOnlySpan<byte> hold)
    {
        Guid.NewGuid().TryFormat(_bytes.AsSpan(_idAt, IdLength), out _);
        if (NamesHold)
        {
            hold.CopyTo(_bytes.AsSpan(_holdAt, HoldIdLength));
        }

        return _bytes;
    }
}
