using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Holds;

namespace LlmObserve.Api.Holds;

/// <summary>The <c>Idempotency-Key</c> of a request: the client's own name for it, under which it may be sent again.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>The key, or null where there is none; the problem where there is one that is no key.</summary>
    public static (string? Key, Problem? Problem) Read(IHeaderDictionary headers)
    {
        var values = headers[Header];
        if (values.Count == 0)
        {
            return default;
        }

        // A tab or a letter beyond ASCII is read differently by what stands between here and the client.
        var key = values.ToString();
        var isKey = values.Count == 1 && key.Length is > 0 and <= HoldLimits.MaxKeyLength && !key.AsSpan().ContainsAnyExceptInRange(' ', '~');
        return isKey
            ? (key, null)
            : (null, Problems.BadHeader(
                [new Fault(Header, FaultCodes.Malformed, $"{Header} must be one text of 1 to {HoldLimits.MaxKeyLength} printable ASCII characters.")]));
    }
}
