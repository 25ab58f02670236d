namespace LlmObserve.Domain.Accounts;

/// <summary>The unit of isolation: owner of members, keys, caps, events and settings. Written as 32 hexadecimal digits.</summary>
public readonly record struct AccountId(Guid Value)
{
    public static AccountId New() => new(Guid.CreateVersion7());

    public static AccountId Parse(string text) => new(Guid.ParseExact(text, "N"));

    public override string ToString() => Value.ToString("N");
}
