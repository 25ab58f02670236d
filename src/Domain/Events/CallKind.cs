namespace LlmObserve.Domain.Events;

/// <summary>
/// What the rollups tell calls apart by: the <see cref="SpanKind"/>, with the same numbers, and of a vector DB what the call does there. The
/// numbers are stored.
/// </summary>
public enum CallKind
{
    Other = 0,
    Llm = 1,

    /// <summary>A call to a vector DB that neither reads nor writes, as far as its endpoint says.</summary>
    VectorDb = 2,
    Api = 3,
    VectorDbRead = 4,
    VectorDbWrite = 5,
}
