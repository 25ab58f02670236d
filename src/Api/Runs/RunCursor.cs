using System.Buffers.Binary;
using System.Buffers.Text;
using LlmObserve.Api.Http;
using LlmObserve.Storage.Runs;
using LlmObserve.Storage.Stats;

namespace LlmObserve.Api.Runs;

/// <summary>A place in the list of runs as text that means nothing to clients: the window of the walk, and where the last page ended.</summary>
internal readonly record struct RunCursor(StatsWindow Window, RunPosition Position)
{
    /// <summary>Changes when the bytes change meaning, and differs from those of other lists, so that no cursor is misread.</summary>
    private const byte Version = 65;

    private const int Length = 1 + (4 * sizeof(long));

    public override string ToString()
    {
        var bytes = new byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Window.From.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(9), Window.To.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(17), Position.At.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(25), Position.Seq);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out RunCursor cursor)
    {
        cursor = default;
        if (text.Length > 2 * Length || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (bytes.Length != Length || bytes[0] != Version
            || !WireTime.TryRead(bytes[1..], out var from) || !WireTime.TryRead(bytes[9..], out var to) || !WireTime.TryRead(bytes[17..], out var at))
        {
            return false;
        }

        cursor = new RunCursor(new StatsWindow(from, to), new RunPosition(at, BinaryPrimitives.ReadInt64BigEndian(bytes[25..])));
        return true;
    }
}
