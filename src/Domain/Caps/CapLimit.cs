using LlmObserve.Domain.Faults;
using LlmObserve.Domain.Money;

namespace LlmObserve.Domain.Caps;

/// <summary>The rules of a cap's <c>limit_amount</c>.</summary>
public static class CapLimit
{
    private const string Path = "limit_amount";

    /// <summary>
    /// The limit, or null after adding a fault: it must be above zero, in range, and have at most nine decimals, because a limit that is
    /// rounded is another limit than the one its maker set.
    /// </summary>
    /// <param name="read">What <see cref="Usd.ReadExact(ReadOnlySpan{byte}, out Usd)"/> said.</param>
    /// <param name="amount">What it read.</param>
    /// <param name="faults">Receives what is wrong.</param>
    public static Usd? Validate(UsdFault read, Usd amount, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var fault = read switch
        {
            UsdFault.Malformed => new Fault(Path, FaultCodes.Malformed, "limit_amount must be a number of US dollars."),
            UsdFault.OutOfRange => new Fault(Path, FaultCodes.OutOfRange, $"limit_amount must be at most {Usd.MaxValue}."),
            UsdFault.TooPrecise => new Fault(Path, FaultCodes.TooPrecise, "limit_amount must have at most 9 decimals."),
            _ when amount <= Usd.Zero => new Fault(Path, FaultCodes.NotPositive, "limit_amount must be above zero."),
            _ => null,
        };
        if (fault is null)
        {
            return amount;
        }

        faults.Add(fault);
        return null;
    }
}
