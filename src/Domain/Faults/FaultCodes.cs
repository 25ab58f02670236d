namespace LlmObserve.Domain.Faults;

/// <summary>The stable codes of input faults. A code that has been published never changes its meaning.</summary>
public static class FaultCodes
{
    /// <summary>The field is needed and missing, null or empty.</summary>
    public const string Required = "required";

    /// <summary>The JSON type is wrong, or the text is no number, time or id.</summary>
    public const string Malformed = "malformed";

    /// <summary>A number or time outside of what is accepted.</summary>
    public const string OutOfRange = "out-of-range";

    /// <summary>A number below zero where none may be, or not above zero where it must be.</summary>
    public const string NotPositive = "not-positive";

    /// <summary>An amount of money with more than nine decimals where that is refused.</summary>
    public const string TooPrecise = "too-precise";

    /// <summary>A text, list or object larger than accepted.</summary>
    public const string TooLong = "too-long";

    /// <summary>A text with NUL, another control character or a lone surrogate.</summary>
    public const string BadCharacter = "bad-character";

    /// <summary>A value outside of a closed set of words.</summary>
    public const string UnknownValue = "unknown-value";

    /// <summary>A field that must not be given together with another, or not without another.</summary>
    public const string Conflict = "conflict";

    /// <summary>A password that is guessed first: many people use it, or it follows from what goes with it.</summary>
    public const string TooCommon = "too-common";
}
