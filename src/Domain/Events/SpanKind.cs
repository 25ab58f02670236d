namespace LlmObserve.Domain.Events;

/// <summary>The group that an event's open <c>span_type</c> falls into. The numbers are stored.</summary>
public enum SpanKind
{
    Other = 0,
    Llm = 1,
    VectorDb = 2,
    Api = 3,
}
