using System.Buffers;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Api.Users;

/// <summary>An e-mail address as it is kept: trimmed and in lower case. Raw sample: <c> Ada@Example.com </c>.</summary>
internal static class EmailAddress
{
    /// <summary>What SMTP can carry.</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> Local = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-");
    private static readonly SearchValues<char> Label = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>
    /// The address, or null with a fault. Mail is the only proof of an address, so only what cannot be one is refused. ASCII only: two
    /// spellings of one letter must not make two people.
    /// </summary>
    public static string? Normalize(string field, string text, ICollection<Fault> faults)
    {
        var address = text.Trim().ToLowerInvariant();
        var at = address.LastIndexOf('@');
        if (address.Length <= MaxLength && at > 0 && at <= MaxLocalLength && IsLocal(address.AsSpan(0, at)) && IsDomain(address[(at + 1)..]))
        {
            return address;
        }

        faults.Add(new Fault(field, FaultCodes.Malformed, $"{field} must be an e-mail address like ada@example.com."));
        return null;
    }

    private static bool IsLocal(ReadOnlySpan<char> local) => !local.ContainsAnyExcept(Local);

    private static bool IsDomain(string domain)
    {
        var labels = domain.Split('.');
        return labels.Length >= 2 && labels.All(IsLabel);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength && !label.AsSpan().ContainsAnyExcept(Label) && label[0] != '-' && label[^1] != '-';
}
