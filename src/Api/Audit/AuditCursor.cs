using System.Buffers.Binary;
using System.Buffers.Text;
using LlmObserve.Api.Http;
using LlmObserve.Storage.Audit;

namespace LlmObserve.Api.Audit;

/// <summary>Where a page of the audit log ended, as text that means nothing to clients.</summary>
internal static class AuditCursor
{
    /// <summary>Changes when the bytes change meaning, and differs from those of other lists, so that no cursor is misread.</summary>
    private const byte Version = 97;

    private const int IdAt = 1 + sizeof(long);

    private const int Length = IdAt + 16;

    public static string Of(AuditRow row)
    {
        var bytes = new byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), row.At.UtcTicks);
        row.Id.TryWriteBytes(bytes.AsSpan(IdAt));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out AuditPosition position)
    {
        position = default;
        if (text.Length > 2 * Length || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (bytes.Length != Length || bytes[0] != Version || !WireTime.TryRead(bytes[1..], out var at))
        {
            return false;
        }

        position = new AuditPosition(at, new Guid(bytes[IdAt..]));
        return true;
    }
}
