-- Row-level security: a second wall behind the account filter of every query. docs/adr/0009 says why, src/Storage/README.md who
-- reads and writes as which role. The roles are the server's, not this database's, and are there before this file runs (DatabaseRoles.cs).
-- A database that was restored without them lacks what names them: this file runs again there, so every statement can be repeated.

-- Every commit of the ledger begins with its heads: none comes between the locks that follow.
LOCK TABLE ledger_heads IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
  -- Null where nobody said whose rows are read: then there are none.
  reader CONSTANT text := 'nullif(current_setting(''llmobserve.account'', true), '''')::uuid';
  guarded text;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO llmobserve_reader, llmobserve_ledger', current_schema());

  -- The reader sees one account's rows.
  FOREACH guarded IN ARRAY ARRAY[
    'memberships', 'invitations', 'api_keys', 'audit_log', 'caps', 'alerts', 'price_overrides', 'ledger_heads', 'events', 'usage_hour',
    'usage_day_customer', 'usage_day', 'usage_hour_customer', 'usage_day_total', 'usage_stretches', 'cap_ceilings', 'open_holds', 'cap_overruns'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('DROP POLICY IF EXISTS account ON %I', guarded);
    EXECUTE format('CREATE POLICY account ON %I FOR SELECT TO llmobserve_reader USING (account_id = %s)', guarded, reader);
    IF guarded NOT IN ('invitations', 'api_keys') THEN
      EXECUTE format('GRANT SELECT ON %I TO llmobserve_reader', guarded);
    END IF;
  END LOOP;

  ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
  DROP POLICY IF EXISTS account ON accounts;
  EXECUTE format('CREATE POLICY account ON accounts FOR SELECT TO llmobserve_reader USING (id = %s)', reader);
  GRANT SELECT ON accounts TO llmobserve_reader;

  -- What concerns the whole installation, such as new prices, is every account's to know.
  DROP POLICY IF EXISTS installation ON audit_log;
  CREATE POLICY installation ON audit_log FOR SELECT TO llmobserve_reader USING (account_id IS NULL);

  -- Its rows have no account of their own. The stretches are looked up once a query, not once a row.
  ALTER TABLE usage_stretch_customer ENABLE ROW LEVEL SECURITY;
  DROP POLICY IF EXISTS account ON usage_stretch_customer;
  EXECUTE format(
    'CREATE POLICY account ON usage_stretch_customer FOR SELECT TO llmobserve_reader
       USING (stretch_id IN (SELECT s.id FROM usage_stretches s WHERE s.account_id = %s))',
    reader);
  GRANT SELECT ON usage_stretch_customer TO llmobserve_reader;

  -- The ledger's writer commits many accounts at once: it adds to every account's rows, and takes nothing away.
  FOREACH guarded IN ARRAY ARRAY[
    'ledger_heads', 'usage_hour', 'usage_day_customer', 'usage_day', 'usage_hour_customer', 'usage_day_total', 'cap_overruns'] LOOP
    EXECUTE format('DROP POLICY IF EXISTS ledger ON %I', guarded);
    EXECUTE format('CREATE POLICY ledger ON %I TO llmobserve_ledger USING (true) WITH CHECK (true)', guarded);
    EXECUTE format('GRANT SELECT ON %I TO llmobserve_ledger', guarded);
  END LOOP;

  FOREACH guarded IN ARRAY ARRAY['usage_hour', 'usage_day_customer', 'usage_day', 'usage_hour_customer', 'usage_day_total'] LOOP
    EXECUTE format(
      'GRANT INSERT, UPDATE (
         calls, errors, unpriced_calls, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, cost_nanos, latency_ms_sum,
         latency_00, latency_01, latency_02, latency_03, latency_04, latency_05, latency_06, latency_07, latency_08, latency_09, latency_10,
         latency_11, latency_12, latency_13) ON %I TO llmobserve_ledger',
      guarded);
  END LOOP;

  -- It writes into the week itself, and looks ids up there; src/Storage/Ledger/LedgerPartitions.cs does the same for each week to come.
  FOR guarded IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events'::regclass LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('DROP POLICY IF EXISTS ledger ON %I', guarded);
    EXECUTE format('CREATE POLICY ledger ON %I TO llmobserve_ledger USING (true) WITH CHECK (true)', guarded);
    EXECUTE format('GRANT INSERT, SELECT (id, account_id) ON %I TO llmobserve_ledger', guarded);
  END LOOP;
END
$$;

-- Not their hashes: who has the secret is looked up by its hash, by the owner, and no list needs it.
GRANT SELECT (id, account_id, user_id, key_prefix, name, scopes, created_at, last_used_at, revoked_at, expires_at, allowed_ips, rotated_to)
  ON api_keys TO llmobserve_reader;
GRANT SELECT (id, account_id, email, role, invited_by, created_at, expires_at) ON invitations TO llmobserve_reader;
-- They name an account but are a person's, or Clerk's: without a policy nobody but the owner sees a row.
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE clerk_objects ENABLE ROW LEVEL SECURITY;
ALTER TABLE unseen_keys ENABLE ROW LEVEL SECURITY;
-- Not the epoch: who may write is not the writer's to say.
GRANT INSERT (account_id, last_seq, total_cost_nanos, total_calls), UPDATE (last_seq, total_cost_nanos, total_calls) ON ledger_heads TO llmobserve_ledger;
GRANT INSERT, UPDATE (calls, overrun_nanos) ON cap_overruns TO llmobserve_ledger;
