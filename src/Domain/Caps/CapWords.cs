namespace LlmObserve.Domain.Caps;

/// <summary>The words of the wire and of the database for the enumerations of caps, both ways. They are compared as written.</summary>
public static class CapWords
{
    public static string ToWire(this CapType type) => type switch
    {
        CapType.Global => "global",
        CapType.Provider => "provider",
        CapType.Model => "model",
        CapType.Agent => "agent",
        CapType.Customer => "customer",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Null for <see cref="CapSubScope.None"/>, which the wire leaves out.</summary>
    public static string? ToWire(this CapSubScope subScope) => subScope switch
    {
        CapSubScope.None => null,
        CapSubScope.Provider => "provider",
        CapSubScope.Model => "model",
        _ => throw new ArgumentOutOfRangeException(nameof(subScope), subScope, null),
    };

    public static string ToWire(this CapPeriod period) => period switch
    {
        CapPeriod.Daily => "daily",
        CapPeriod.Weekly => "weekly",
        CapPeriod.Monthly => "monthly",
        _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
    };

    public static string ToWire(this CapEnforcement enforcement) => enforcement switch
    {
        CapEnforcement.Alert => "alert",
        CapEnforcement.HardBlock => "hard_block",
        _ => throw new ArgumentOutOfRangeException(nameof(enforcement), enforcement, null),
    };

    public static string ToWire(this DenialKind kind) => kind switch
    {
        DenialKind.Exceeded => "exceeded",
        DenialKind.Held => "held",
        DenialKind.Unpriced => "unpriced",
        DenialKind.HoldShare => "hold_share",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static bool TryParseType(string? word, out CapType type)
    {
        (var known, type) = word switch
        {
            "global" => (true, CapType.Global),
            "provider" => (true, CapType.Provider),
            "model" => (true, CapType.Model),
            "agent" => (true, CapType.Agent),
            "customer" => (true, CapType.Customer),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Null and the empty word are <see cref="CapSubScope.None"/>.</summary>
    public static bool TryParseSubScope(string? word, out CapSubScope subScope)
    {
        (var known, subScope) = word switch
        {
            null or "" => (true, CapSubScope.None),
            "provider" => (true, CapSubScope.Provider),
            "model" => (true, CapSubScope.Model),
            _ => (false, default),
        };
        return known;
    }

    public static bool TryParsePeriod(string? word, out CapPeriod period)
    {
        (var known, period) = word switch
        {
            "daily" => (true, CapPeriod.Daily),
            "weekly" => (true, CapPeriod.Weekly),
            "monthly" => (true, CapPeriod.Monthly),
            _ => (false, default),
        };
        return known;
    }

    public static bool TryParseEnforcement(string? word, out CapEnforcement enforcement)
    {
        (var known, enforcement) = word switch
        {
            "alert" => (true, CapEnforcement.Alert),
            "hard_block" => (true, CapEnforcement.HardBlock),
            _ => (false, default),
        };
        return known;
    }
}
