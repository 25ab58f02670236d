using System.Buffers.Binary;
using System.Buffers.Text;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Holds;

namespace LlmObserve.Api.Holds;

/// <summary>A place in the list of holds as text that means nothing to clients: the last one that was given.</summary>
internal readonly record struct HoldCursor(DateTimeOffset ExpiresAt, HoldId Id)
{
    /// <summary>Changes when the bytes change meaning, and differs from those of other lists, so that no cursor is misread.</summary>
    private const byte Version = 129;

    private const int GuidLength = 16;
    private const int Length = 1 + sizeof(long) + GuidLength;

    public override string ToString()
    {
        var bytes = new byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), ExpiresAt.UtcTicks);
        Id.Value.TryWriteBytes(bytes.AsSpan(1 + sizeof(long)));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out HoldCursor cursor)
    {
        cursor = default;
        if (text.Length > 2 * Length || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (bytes.Length != Length || bytes[0] != Version || !WireTime.TryRead(bytes[1..], out var expiresAt))
        {
            return false;
        }

        cursor = new HoldCursor(expiresAt, new HoldId(new Guid(bytes[(1 + sizeof(long))..])));
        return true;
    }
}
