namespace LlmObserve.Grains.Holds;

/// <summary>
/// What proves that this activation still owned its account: a write under its epoch that succeeded. An activation that has been replaced
/// without knowing sees none of the spend that its successor records; so what an expired or released hold gives back may be
/// held anew only after a write that began later has succeeded. Otherwise such an activation could grant the same room over and over. The same
/// keeps the room of a hold that runs out while nobody knows whether its event has landed: no write succeeds before that is known.
/// </summary>
internal sealed class Proofs
{
    private long _proven;

    /// <summary>Marks what is given back now.</summary>
    internal long Stamp { get; private set; }

    /// <summary>A fenced write begins.</summary>
    internal long Begin() => ++Stamp;

    /// <summary>It succeeded.</summary>
    internal void Succeeded(long write) => _proven = Math.Max(_proven, write);

    /// <summary>Whether a write has succeeded that began after this mark was made.</summary>
    internal bool Covers(long stamp) => _proven > stamp;
}
