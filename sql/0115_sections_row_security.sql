-- R7 as the other rollups: the reader sees one account's rows, the ledger's writer adds to all. Every statement can be repeated.

ALTER TABLE usage_day_section ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS account ON usage_day_section;
CREATE POLICY account ON usage_day_section FOR SELECT TO llmobserve_reader
  USING (account_id = nullif(current_setting('llmobserve.account', true), '')::uuid);
GRANT SELECT ON usage_day_section TO llmobserve_reader;

DROP POLICY IF EXISTS ledger ON usage_day_section;
CREATE POLICY ledger ON usage_day_section TO llmobserve_ledger USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (
    calls, errors, unpriced_calls, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, cost_nanos, latency_ms_sum,
    latency_00, latency_01, latency_02, latency_03, latency_04, latency_05, latency_06, latency_07, latency_08, latency_09, latency_10,
    latency_11, latency_12, latency_13)
  ON usage_day_section TO llmobserve_ledger;
