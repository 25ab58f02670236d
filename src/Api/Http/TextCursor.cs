using System.Buffers.Text;
using System.Text;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Http;

/// <summary>A place in a list that is ordered by one name, as text that means nothing to clients.</summary>
internal static class TextCursor
{
    private const int MaxLength = 4_096;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The place behind a name.</summary>
    /// <param name="list">Differs from that of other lists, so that no cursor is misread.</param>
    /// <param name="name">The last that was given.</param>
    public static string Of(byte list, string name) => Base64Url.EncodeToString([list, .. Strict.GetBytes(name)]);

    /// <summary>The name; null where the text is no cursor of that list.</summary>
    public static string? Parse(byte list, string text)
    {
        if (text.Length > MaxLength || !Base64Url.IsValid(text) || Base64Url.DecodeFromChars(text) is not [var own, .. var name] || own != list)
        {
            return null;
        }

        try
        {
            var read = Strict.GetString(name);
            return TextFaults.Check("cursor", read, MaxLength, new List<Fault>()) ? read : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
