-- R6: usage_day (R3) over closed stretches of days, by what narrows a list of customers, so that a quarter is some thirty rows a customer.
-- The upkeep derives it (src/Storage/Ledger/LedgerStretches.cs); ingest never touches it. docs/adr/0006 says why, and why answers never
-- depend on it.

-- A stretch of days whose usage_stretch_customer rows were made from R3 when its days had this many calls. Calls of a day only ever grow,
-- so while usage_day_total (R5) still has as many, the rows are R3's sums.
CREATE TABLE usage_stretches (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid        NOT NULL,
  -- Holds the days that begin at this instant or later …
  from_day   timestamptz NOT NULL,
  -- … and before this one. No two stretches of an account overlap.
  to_day     timestamptz NOT NULL CHECK (to_day > from_day),
  calls      bigint      NOT NULL CHECK (calls >= 0),
  UNIQUE (account_id, from_day)
);

CREATE TABLE usage_stretch_customer (
  stretch_id         bigint   NOT NULL,
  -- Which of provider, model and agent the row does not tell apart, as grouping() counts them: those are empty.
  narrowing          smallint NOT NULL,
  provider           text     COLLATE "C" NOT NULL,
  model              text     COLLATE "C" NOT NULL,
  agent              text     COLLATE "C" NOT NULL,
  customer_id        text     COLLATE "C" NOT NULL,
  calls              bigint NOT NULL, errors bigint NOT NULL, unpriced_calls bigint NOT NULL,
  input_tokens       bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  cost_nanos         bigint NOT NULL, latency_ms_sum bigint NOT NULL,
  latency_00 integer NOT NULL, latency_01 integer NOT NULL, latency_02 integer NOT NULL, latency_03 integer NOT NULL,
  latency_04 integer NOT NULL, latency_05 integer NOT NULL, latency_06 integer NOT NULL, latency_07 integer NOT NULL,
  latency_08 integer NOT NULL, latency_09 integer NOT NULL, latency_10 integer NOT NULL, latency_11 integer NOT NULL,
  latency_12 integer NOT NULL, latency_13 integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
-- Not unique, and without the customer: all customers of a narrowing are one short entry of the index, their rows lie together. The model
-- comes first because it is the one that may be asked for without its provider.
CREATE INDEX usage_stretch_customer_narrowed ON usage_stretch_customer (stretch_id, narrowing, model, agent, provider);
