using System.Text.Json;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Http;

/// <summary>Faults on the wire: <c>{"path":"[12].input_tokens","code":"out-of-range","detail":"…"}</c>.</summary>
internal static class FaultJson
{
    public static void Write(Utf8JsonWriter writer, Fault fault)
    {
        writer.WriteStartObject();
        writer.WriteString("path", fault.Path);
        writer.WriteString("code", fault.Code);
        writer.WriteString("detail", fault.Detail);
        writer.WriteEndObject();
    }
}
