using LlmObserve.Storage.Ledger;

namespace LlmObserve.Storage.Accounts;

/// <summary>
/// Where an account's rows are, in the order in which they go. Every table with a column <c>account_id</c> stands here, or has a foreign key that
/// takes its rows with the account or lets them go of it.
/// </summary>
internal static class PurgedTables
{
    /// <summary>Rows that nothing else must go with. The events go by their weeks, the ledger's head before all.</summary>
    public static readonly IReadOnlyList<string> Plain =
    [
        .. Rollup.All.Select(rollup => rollup.Table), "cap_overruns", "cap_ceilings", "open_holds", "alerts", "price_overrides", "customers", "unseen_keys",
        "invitations", "memberships",
    ];

    /// <summary>Rows that grains are named by: the states of these go with them.</summary>
    public static readonly IReadOnlyList<(string Table, string GrainKey)> Grains =
    [
        ("caps", "replace(id::text, '-', '')"), ("api_keys", "encode(key_sha256, 'hex')"),
    ];

    /// <summary>Which need a way of their own: <see cref="AccountPurge"/> has it.</summary>
    public static readonly IReadOnlyList<string> Special = ["ledger_heads", "events", LedgerStretches.Table, "audit_log"];
}
