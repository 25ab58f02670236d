namespace LlmObserve.Domain.Money;

/// <summary>Why a text is no amount of money.</summary>
public enum UsdFault
{
    /// <summary>It is one.</summary>
    None = 0,

    /// <summary>Not a number in JSON's grammar.</summary>
    Malformed,

    /// <summary>A number beyond ±9,223,372,036.854775807 dollars.</summary>
    OutOfRange,

    /// <summary>A number that is not a whole number of nano-dollars, where none may be rounded.</summary>
    TooPrecise,
}
