namespace LlmObserve.Storage.Holds;

/// <summary>
/// The statements of <see cref="HoldsStore"/>. Each that writes takes three locks in one order: the account's head, caps, ceilings. A deletion
/// of a cap does so, too, and so neither waits for the other in a circle.
/// </summary>
internal static class HoldsSql
{
    public const string LoadCeilings =
        "SELECT cap_id, amount_nanos, until FROM cap_ceilings WHERE account_id = $1 AND activation <> $2 AND until > $3";

    public const string LoadHolds =
        """
        SELECT id, provider, model, agent, customer_id, amount_nanos, granted_at, expires_at, idempotency_key, digest, settling_event
        FROM open_holds WHERE account_id = $1
        """;

    public const string LoadOverruns = "SELECT cap_id, period_start, overrun_nanos FROM cap_overruns WHERE account_id = $1 AND period_start >= $2";

    /// <summary>
    /// $1 account, $2 epoch. The lock lasts until the write is durable: a successor, which takes its epoch first, either waits for it and reads
    /// what it wrote, or has ended the epoch, and then nothing is written.
    /// </summary>
    private const string Fence = "fence AS (SELECT 1 FROM ledger_heads WHERE account_id = $1 AND epoch = $2 FOR SHARE)";

    /// <summary>$4 to $6: the ceilings, each cap once.</summary>
    private const string Given =
        "given AS (SELECT unnest($4::uuid[]) AS cap_id, unnest($5::bigint[]) AS amount_nanos, unnest($6::timestamptz[]) AS until)";

    /// <summary>
    /// $3 activation, $7 revision. A ceiling for each given one that is above zero and whose cap is in <c>known</c>. A row of a later revision
    /// stays: this is a statement that was given up and lives on.
    /// </summary>
    private const string Upsert =
        """
        written AS (
          INSERT INTO cap_ceilings AS c (account_id, cap_id, activation, amount_nanos, until, revision)
          SELECT $1, g.cap_id, $3, g.amount_nanos, g.until, $7 FROM given g JOIN known k ON k.id = g.cap_id WHERE g.amount_nanos > 0
          ORDER BY g.cap_id
          ON CONFLICT (account_id, cap_id, activation) DO UPDATE SET
            amount_nanos = excluded.amount_nanos, until = excluded.until, revision = excluded.revision
            WHERE c.revision < excluded.revision
        )
        """;

    private const string Answer = "SELECT EXISTS (SELECT FROM fence)";

    /// <summary>
    /// $8 now. <c>known</c> locks the caps of all ceilings that may change: one that is being deleted is waited for and then left out, rather
    /// than found missing by the foreign key. <c>ended</c> counts them, so that it touches no ceiling before.
    /// </summary>
    public const string WriteCeilings =
        $"""
        WITH {Fence},
        {Given},
        known AS MATERIALIZED (
          SELECT c.id FROM caps c, fence
          WHERE c.account_id = $1 AND c.id IN (
            SELECT cap_id FROM given
            UNION ALL
            SELECT cap_id FROM cap_ceilings WHERE account_id = $1 AND activation <> $3 AND until < $8)
          ORDER BY c.id FOR KEY SHARE OF c
        ),
        {Upsert},
        ended AS (
          DELETE FROM cap_ceilings c USING fence
          WHERE c.account_id = $1 AND (SELECT count(*) FROM known) >= 0 AND (
            (c.activation = $3 AND c.revision < $7 AND c.cap_id IN (SELECT cap_id FROM given WHERE amount_nanos = 0))
            OR (c.activation <> $3 AND c.until < $8))
        )
        {Answer}
        """;

    public const string Adopt =
        $"""
        WITH {Fence},
        {Given},
        known AS MATERIALIZED (
          SELECT c.id FROM caps c, fence WHERE c.account_id = $1 AND c.id IN (SELECT cap_id FROM given) ORDER BY c.id FOR KEY SHARE OF c
        ),
        {Upsert},
        adopted AS (DELETE FROM open_holds h USING fence WHERE h.account_id = $1)
        {Answer}
        """;

    /// <summary>$4 to $14: the holds. Sent again after a lost reply it changes nothing.</summary>
    public const string Store =
        $"""
        WITH {Fence},
        stored AS (
          INSERT INTO open_holds (
            account_id, id, provider, model, agent, customer_id, amount_nanos, granted_at, expires_at, idempotency_key, digest, settling_event)
          SELECT $1, h.* FROM fence CROSS JOIN (
            SELECT unnest($4::uuid[]), unnest($5::text[]), unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::bigint[]),
                   unnest($10::timestamptz[]), unnest($11::timestamptz[]), unnest($12::text[]), unnest($13::text[]), unnest($14::text[])) h
          ON CONFLICT (account_id, id) DO UPDATE SET expires_at = excluded.expires_at, settling_event = excluded.settling_event
        ),
        ended AS (DELETE FROM cap_ceilings c USING fence WHERE c.account_id = $1 AND c.activation = $3)
        {Answer}
        """;
}
