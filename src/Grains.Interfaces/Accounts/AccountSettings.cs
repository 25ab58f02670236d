using Orleans;

namespace LlmObserve.Grains.Interfaces.Accounts;

/// <summary>Settings of an account.</summary>
/// <param name="Name">Shown to its members.</param>
/// <param name="TimeZone">IANA id; decides where days, weeks and months begin.</param>
/// <param name="UnpricedPolicy"><c>allow</c> or <c>deny</c>: what a check under a hard cap says to a model that the book does not price.</param>
/// <param name="MaxHoldShare">The share of a hard cap's limit that one hold may take; above 0, 1 for no bound.</param>
[GenerateSerializer, Immutable, Alias("llmobserve.account-settings")]
public sealed record AccountSettings(string Name, string TimeZone, string UnpricedPolicy, decimal MaxHoldShare)
{
    public const string AllowUnpriced = "allow";

    public const string DenyUnpriced = "deny";

    public bool DeniesUnpriced => UnpricedPolicy == DenyUnpriced;
}

/// <summary>A place in an account's ledger.</summary>
[GenerateSerializer, Immutable, Alias("llmobserve.ledger-position")]
public readonly record struct LedgerPosition(long Epoch, long Seq)
{
    /// <summary>Whether this place holds more than the other.</summary>
    public bool IsAfter(LedgerPosition other) => Epoch > other.Epoch || (Epoch == other.Epoch && Seq > other.Seq);

    public override string ToString() => $"{Epoch}:{Seq}";
}
