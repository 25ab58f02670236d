using System.Buffers;

namespace LlmObserve.Api.Events;

/// <summary>What stopped the reading of a body.</summary>
internal enum BodyState
{
    /// <summary>There is more: fill again.</summary>
    Open,

    /// <summary>Everything has been read.</summary>
    Over,

    /// <summary>More than <see cref="EventLimits.MaxBodyBytes"/> after decompression.</summary>
    TooLarge,
}

/// <summary>
/// A body as a sliding window of bytes: filled from the stream, emptied from the front. The window is as large as the largest element that has
/// to be seen whole, and usually one rented array for the whole request.
/// </summary>
internal sealed class EventBody(Stream stream) : IDisposable
{
    /// <summary>Room for a hundred events; a read from a socket brings some kilobytes.</summary>
    internal const int FirstWindowBytes = 64 * 1024;

    /// <summary>A window with less room than this is moved or grown before it is filled.</summary>
    private const int MinReadBytes = 4 * 1024;

    private byte[] _window = ArrayPool<byte>.Shared.Rent(FirstWindowBytes);
    private int _start;
    private int _end;
    private long _total;

    public BodyState State { get; private set; }

    /// <summary>Bytes of memory that the window takes.</summary>
    public int WindowBytes => _window.Length;

    /// <summary>Everything that was read and is not done with.</summary>
    public ReadOnlySpan<byte> Window => _window.AsSpan(_start, _end - _start);

    /// <summary>The front of the window is done with.</summary>
    public void Advance(int bytes) => _start += bytes;

    /// <summary>Reads once from the stream into the window.</summary>
    /// <exception cref="InvalidDataException">The compression is broken or cut short.</exception>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var read = await stream.ReadAsync(_window.AsMemory(_end), cancellationToken);
        _end += read;
        _total += read;
        State = _total > EventLimits.MaxBodyBytes ? BodyState.TooLarge : read == 0 ? BodyState.Over : BodyState.Open;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
        _start = _end = 0;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_window.Length - _end >= MinReadBytes)
        {
            return;
        }

        var kept = _end - _start;
        var target = _window;
        if (_window.Length - kept < _window.Length / 2)
        {
            target = ArrayPool<byte>.Shared.Rent(_window.Length * 2);
        }

        Window.CopyTo(target);
        if (target != _window)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = target;
        }

        _start = 0;
        _end = kept;
    }
}
