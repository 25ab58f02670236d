namespace LlmObserve.Simulation;

/// <summary>Faults of the database that a run may have on purpose, to see that the checks find them.</summary>
public enum PlantedFault
{
    None,

    /// <summary>An event that was there already is reported as new: what it spends and settles is applied twice.</summary>
    AppliesTwice,

    /// <summary>An event that was there already is written again.</summary>
    WritesTwice,

    /// <summary>What a crashed activation may have granted is not told to the next.</summary>
    ForgetsCeilings,

    /// <summary>Ceilings are not written at all, though it says so.</summary>
    WritesNoCeilings,

    /// <summary>A ceiling ends before the holds that it covers.</summary>
    ShortensCeilings,

    /// <summary>An activation that was replaced may still raise its ceilings.</summary>
    CeilingsWithoutFence,

    /// <summary>An activation that was replaced may still write the ledger.</summary>
    AppendsWithoutFence,

    /// <summary>The open holds of an activation that ends in good order are not written down.</summary>
    LosesLeftHolds,

    /// <summary>A commit is acknowledged and not kept.</summary>
    LosesCommits,
}
