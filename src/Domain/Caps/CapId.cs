namespace LlmObserve.Domain.Caps;

/// <summary>A spending cap. Written as 32 hexadecimal digits.</summary>
public readonly record struct CapId(Guid Value)
{
    public static CapId New() => new(Guid.CreateVersion7());

    public static bool TryParse(string? text, out CapId id)
    {
        var ok = Guid.TryParse(text, out var value);
        id = new CapId(value);
        return ok;
    }

    public override string ToString() => Value.ToString("N");
}
