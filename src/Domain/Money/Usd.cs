namespace LlmObserve.Domain.Money;

/// <summary>An amount of US dollars in whole nano-dollars (10⁻⁹ USD). Arithmetic is checked: it throws rather than wraps.</summary>
public readonly record struct Usd(long Nanos) : IComparable<Usd>
{
    public static readonly Usd Zero;

    public static Usd operator +(Usd a, Usd b) => new(checked(a.Nanos + b.Nanos));

    public static Usd operator -(Usd a, Usd b) => new(checked(a.Nanos - b.Nanos));

    public static bool operator <(Usd a, Usd b) => a.Nanos < b.Nanos;

    public static bool operator >(Usd a, Usd b) => a.Nanos > b.Nanos;

    public static bool operator <=(Usd a, Usd b) => a.Nanos <= b.Nanos;

    public static bool operator >=(Usd a, Usd b) => a.Nanos >= b.Nanos;

    public int CompareTo(Usd other) => Nanos.CompareTo(other.Nanos);
}
