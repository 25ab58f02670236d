namespace LlmObserve.Domain.Money;

/// <summary>Text in and out: JSON's number grammar, invariant, for UTF-8 and for chars.</summary>
public readonly partial record struct Usd
{
    /// <summary>
    /// Reads a number in JSON's grammar, exponents included, and rounds once, half to even, to a nano-dollar. Too small is zero.
    /// Never allocates.
    /// </summary>
    public static UsdFault Read(ReadOnlySpan<byte> utf8, out Usd amount) => Read(utf8, exact: false, out amount);

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, out Usd)"/>
    public static UsdFault Read(ReadOnlySpan<char> text, out Usd amount) => Read(text, exact: false, out amount);

    /// <summary>
    /// Reads like <see cref="Read(ReadOnlySpan{byte}, out Usd)"/>, but refuses what would have to be rounded: more than nine decimals,
    /// trailing zeros aside. For limits, which people set and must find again as they set them.
    /// </summary>
    public static UsdFault ReadExact(ReadOnlySpan<byte> utf8, out Usd amount) => Read(utf8, exact: true, out amount);

    /// <inheritdoc cref="ReadExact(ReadOnlySpan{byte}, out Usd)"/>
    public static UsdFault ReadExact(ReadOnlySpan<char> text, out Usd amount) => Read(text, exact: true, out amount);

    /// <summary>Reads a number in JSON's grammar, rounding to a nano-dollar; false where it is none or out of range.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out Usd amount) => Read(utf8, out amount) == UsdFault.None;

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out Usd)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out Usd amount) => Read(text, out amount) == UsdFault.None;

    /// <summary>Reads text that this program or its configuration wrote. Throws <see cref="FormatException"/> where it is no amount.</summary>
    public static Usd Parse(ReadOnlySpan<char> text)
    {
        var fault = Read(text, out var amount);
        return fault == UsdFault.None ? amount : throw new FormatException($"Not an amount of US dollars ({fault}): '{text}'.");
    }

    /// <summary>Dollars with up to nine decimals, no exponent and no trailing zeros: <c>0.000012</c>, <c>1000000</c>, <c>-0.5</c>.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxTextLength];
        UsdText.TryWrite(Nanos, text, out var length);
        return new string(text[..length]);
    }

    /// <summary>As <see cref="ToString()"/>; an amount has one form, so format and provider are not used.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>As <see cref="ToString()"/>, without allocating. <see cref="MaxTextLength"/> is always room enough.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten) => UsdText.TryWrite(Nanos, destination, out charsWritten);

    /// <summary>As <see cref="ToString()"/>, in UTF-8, without allocating. <see cref="MaxTextLength"/> is always room enough.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten) =>
        UsdText.TryWrite(Nanos, utf8Destination, out bytesWritten);

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    bool IUtf8SpanFormattable.TryFormat(
        Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(utf8Destination, out bytesWritten);

    private static UsdFault Read(ReadOnlySpan<byte> utf8, bool exact, out Usd amount)
    {
        var fault = UsdText.Read(utf8, exact, out var nanos);
        amount = new Usd(nanos);
        return fault;
    }

    private static UsdFault Read(ReadOnlySpan<char> text, bool exact, out Usd amount)
    {

        var fault = UsdText.Read(text, exact, out var nanos);
        amount = new Usd(nanos);
        return fault;
    }
}
