using System.Diagnostics.CodeAnalysis;

namespace LlmObserve.Domain.Holds;

/// <summary>Names a hold: random, so that nobody guesses one. On the wire <c>hold_</c> and 32 hexadecimal digits.</summary>
public readonly record struct HoldId(Guid Value)
{
    private const string Prefix = "hold_";

    public static HoldId New() => new(Guid.NewGuid());

    public static bool TryParse([NotNullWhen(true)] string? text, out HoldId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal) || !Guid.TryParseExact(text.AsSpan(Prefix.Length), "N", out var value))
        {
            return false;
        }

        id = new HoldId(value);
        return true;
    }

    public override string ToString() => $"{Prefix}{Value:N}";
}
