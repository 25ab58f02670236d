namespace LlmObserve.Domain.Users;

/// <summary>A person who signs in. Written as 32 hexadecimal digits.</summary>
public readonly record struct UserId(Guid Value)
{
    public static UserId New() => new(Guid.CreateVersion7());

    public static UserId Parse(string text) => new(Guid.ParseExact(text, "N"));

    public override string ToString() => Value.ToString("N");
}
