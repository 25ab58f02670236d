namespace LlmObserve.Api.Events;

/// <summary>What a splitter found.</summary>
internal enum SplitKind
{
    /// <summary>Nothing yet: more bytes are needed.</summary>
    NeedMore,

    /// <summary>A whole element; its bytes are where <see cref="Split"/> says.</summary>
    Element,

    /// <summary>An element ended whose bytes were dropped, because it was too long or nested too deep.</summary>
    Dropped,

    /// <summary>The body is over, as it should be.</summary>
    End,

    /// <summary>The body cannot be what it claims; <see cref="ElementSplitter.Error"/> says why.</summary>
    Broken,
}

/// <summary>Why an element's bytes were dropped.</summary>
internal enum DropReason
{
    None,
    TooLong,
    TooDeep,
}

/// <param name="Kind">What was found.</param>
/// <param name="Start">Where the element starts in the bytes that were looked at.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Advance">How many bytes at the front are done with, also where more are needed.</param>
internal readonly record struct Split(SplitKind Kind, int Start, int Length, int Advance);

/// <summary>
/// Cuts a body into the texts of its elements without reading them, however the bytes arrive: the caller passes what it has, drops what is
/// done with, and comes back with the rest and more. What it remembers is a few numbers; an element that grows beyond a limit is passed over.
/// </summary>
internal abstract class ElementSplitter
{
    /// <summary>Why the body is broken: a sentence.</summary>
    public string? Error { get; protected set; }

    /// <summary>Why the last element was dropped.</summary>
    public DropReason Drop { get; protected set; }

    /// <summary>Looks for the next element in all bytes that are not done with.</summary>
    /// <param name="data">Begins where the last call's advance ended.</param>
    /// <param name="isFinal">No more bytes will come.</param>
    public abstract Split Next(ReadOnlySpan<byte> data, bool isFinal);

    protected Split Break(string error)
    {
        Error = error;
        return new Split(SplitKind.Broken, 0, 0, 0);
    }
}
