namespace LlmObserve.Domain.Caps;

/// <summary>What a cap counts.</summary>
public enum CapType
{
    Global,
    Provider,
    Model,
    Agent,
    Customer,
}

/// <summary>Narrows a customer cap to one provider or one model.</summary>
public enum CapSubScope
{
    None,
    Provider,
    Model,
}

/// <summary>When a cap's total begins anew, in the account's time zone. Weeks start on Monday.</summary>
public enum CapPeriod
{
    Daily,
    Weekly,
    Monthly,
}

/// <summary>Whether a cap only alerts or also denies calls.</summary>
public enum CapEnforcement
{
    Alert,
    HardBlock,
}

/// <summary>
/// The canonical scope of a cap: <paramref name="Target"/> is empty for a global cap, otherwise the canonical provider, model, agent or the
/// customer id; <paramref name="SubTarget"/> is empty unless <paramref name="SubScope"/> narrows a customer cap.
/// </summary>
public readonly record struct CapScope(CapType Type, string Target, CapSubScope SubScope = CapSubScope.None, string SubTarget = "");
