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
public readonly record struct CapScope(CapType Type, string Target, CapSubScope SubScope = CapSubScope.None, string SubTarget = "")
{
    /// <summary>
    /// Whether a call with these labels counts in this scope. An empty label matches nothing. This is the definition;
    /// <see cref="CapIndex{T}"/> answers the same for many caps at once.
    /// </summary>
    public bool Matches(in CallLabels labels) => Type switch
    {
        CapType.Global => true,
        CapType.Provider => Same(Target, labels.Provider),
        CapType.Model => Same(Target, labels.Model),
        CapType.Agent => Same(Target, labels.Agent),
        CapType.Customer => Same(Target, labels.CustomerId) && SubScope switch
        {
            CapSubScope.None => true,
            CapSubScope.Provider => Same(SubTarget, labels.Provider),
            CapSubScope.Model => Same(SubTarget, labels.Model),
            _ => false,
        },
        _ => false,
    };

    private static bool Same(string target, string? label) => !string.IsNullOrEmpty(label) && string.Equals(target, label, StringComparison.Ordinal);
}
