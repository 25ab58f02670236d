-- The ledger: events, the head that fences each account's writer, and the rollups that every page and cap reads.
-- src/Storage/Ledger/README.md says which rules hold between them. No foreign keys here: they would be checked for every event.
-- Text that is compared or indexed is COLLATE "C": equality is bytes, and comparisons are several times cheaper.

CREATE TABLE ledger_heads (
  account_id       uuid   PRIMARY KEY,
  -- Number of the activation that may write.
  epoch            bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
  -- Sequence of the last event.
  last_seq         bigint NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
  total_cost_nanos bigint NOT NULL DEFAULT 0 CHECK (total_cost_nanos >= 0),
  total_calls      bigint NOT NULL DEFAULT 0 CHECK (total_calls >= 0)
) WITH (fillfactor = 50); -- every commit updates it in place

-- Partitions are weeks of receipt, from Monday 00:00 UTC, named events_YYYYMMDD; src/Storage/Ledger/LedgerPartitions.cs makes and drops
-- them, and gives each a unique index over (id, account_id): a unique index of the whole table would have to contain received_at. The id
-- comes first because it decides nearly every comparison alone.
CREATE TABLE events (
  account_id             uuid        NOT NULL,
  -- Order of commit within the account, without gaps.
  seq                    bigint      NOT NULL,
  received_at            timestamptz NOT NULL,
  occurred_at            timestamptz NOT NULL,
  cost_nanos             bigint      NOT NULL,
  client_cost_nanos      bigint      NOT NULL,
  -- Without cache reads and cache writes.
  input_tokens           bigint      NOT NULL,
  output_tokens          bigint      NOT NULL,
  cached_tokens          bigint      NOT NULL,
  cache_write_tokens     bigint      NOT NULL,
  -- Part of output_tokens.
  reasoning_tokens       bigint      NOT NULL,
  latency_ms             integer     NOT NULL,
  price_version          integer     NOT NULL,
  -- Domain's SpanKind.
  span_kind              smallint    NOT NULL,
  is_error               boolean     NOT NULL,
  unpriced               boolean     NOT NULL,
  is_streaming           boolean     NOT NULL,
  stream_cancelled       boolean     NOT NULL,
  id                     text        COLLATE "C" NOT NULL,
  run_id                 text        COLLATE "C" NOT NULL,
  span_id                text        COLLATE "C" NOT NULL,
  parent_span_id         text        COLLATE "C",
  section                text        COLLATE "C" NOT NULL,
  section_path           text        COLLATE "C" NOT NULL,
  agent                  text        COLLATE "C" NOT NULL,
  span_type              text        COLLATE "C" NOT NULL,
  provider               text        COLLATE "C" NOT NULL,
  endpoint               text        COLLATE "C" NOT NULL,
  -- Canonical; model_raw is the provider's word for it.
  model                  text        COLLATE "C" NOT NULL,
  model_raw              text        COLLATE "C",
  customer_id            text        COLLATE "C" NOT NULL,
  status                 text        COLLATE "C" NOT NULL,
  price_entry            text        COLLATE "C",
  discount               numeric     NOT NULL,
  semantic_label         text        COLLATE "C",
  voice_call_id          text        COLLATE "C",
  audio_duration_seconds numeric,
  voice_segment_type     text        COLLATE "C",
  voice_platform         text        COLLATE "C",
  hold_id                text        COLLATE "C",
  -- Text, not jsonb: kept as sent, and parsed by the one page that shows it rather than on every insert.
  usage_json             text,
  metadata_json          text,
  -- One check, not ten: it is evaluated for every event. It is the last line; events are validated long before.
  CONSTRAINT events_not_negative CHECK (
    least(cost_nanos, client_cost_nanos, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, latency_ms) >= 0)
) PARTITION BY RANGE (received_at);
-- All calls of one run.
CREATE INDEX events_run ON events (account_id, run_id);
-- An account's latest events, sums straight from the ledger, and the rebuild of buckets.
CREATE INDEX events_occurred ON events (account_id, occurred_at);

-- Rollups. Hour and day are the UTC instants at which the hour or day of the account's time zone begins. Each primary key begins with the
-- account and the time, so that one period of one account is one stretch of the index and new rows land together. The fill factor leaves
-- room to update a row in its page: no measure is indexed, so an update touches no index (HOT).
-- latency_00 … latency_13 count calls by latency; LatencyHistogram.cs has the edges.

-- R1: by hour without customer.
CREATE TABLE usage_hour (
  account_id         uuid        NOT NULL,
  hour               timestamptz NOT NULL,
  span_kind          smallint    NOT NULL,
  provider           text        COLLATE "C" NOT NULL,
  model              text        COLLATE "C" NOT NULL,
  agent              text        COLLATE "C" NOT NULL,
  calls              bigint NOT NULL, errors bigint NOT NULL, unpriced_calls bigint NOT NULL,
  input_tokens       bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  cost_nanos         bigint NOT NULL, latency_ms_sum bigint NOT NULL,
  latency_00 integer NOT NULL, latency_01 integer NOT NULL, latency_02 integer NOT NULL, latency_03 integer NOT NULL,
  latency_04 integer NOT NULL, latency_05 integer NOT NULL, latency_06 integer NOT NULL, latency_07 integer NOT NULL,
  latency_08 integer NOT NULL, latency_09 integer NOT NULL, latency_10 integer NOT NULL, latency_11 integer NOT NULL,
  latency_12 integer NOT NULL, latency_13 integer NOT NULL,
  PRIMARY KEY (account_id, hour, provider, model, agent, span_kind)
) WITH (fillfactor = 70);

-- R2: by day and customer.
CREATE TABLE usage_day_customer (
  account_id         uuid        NOT NULL,
  day                timestamptz NOT NULL,
  customer_id        text        COLLATE "C" NOT NULL,
  calls              bigint NOT NULL, errors bigint NOT NULL, unpriced_calls bigint NOT NULL,
  input_tokens       bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  cost_nanos         bigint NOT NULL, latency_ms_sum bigint NOT NULL,
  latency_00 integer NOT NULL, latency_01 integer NOT NULL, latency_02 integer NOT NULL, latency_03 integer NOT NULL,
  latency_04 integer NOT NULL, latency_05 integer NOT NULL, latency_06 integer NOT NULL, latency_07 integer NOT NULL,
  latency_08 integer NOT NULL, latency_09 integer NOT NULL, latency_10 integer NOT NULL, latency_11 integer NOT NULL,
  latency_12 integer NOT NULL, latency_13 integer NOT NULL,
  PRIMARY KEY (account_id, day, customer_id)
) WITH (fillfactor = 70);
-- One customer over many days; it also finds the days for which R3 has rows of that customer.
CREATE INDEX usage_day_customer_by_customer ON usage_day_customer (account_id, customer_id, day);

-- R3: by day, customer, provider, model and agent.
CREATE TABLE usage_day (
  account_id         uuid        NOT NULL,
  day                timestamptz NOT NULL,
  customer_id        text        COLLATE "C" NOT NULL,
  provider           text        COLLATE "C" NOT NULL,
  model              text        COLLATE "C" NOT NULL,
  agent              text        COLLATE "C" NOT NULL,
  calls              bigint NOT NULL, errors bigint NOT NULL, unpriced_calls bigint NOT NULL,
  input_tokens       bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  cost_nanos         bigint NOT NULL, latency_ms_sum bigint NOT NULL,
  latency_00 integer NOT NULL, latency_01 integer NOT NULL, latency_02 integer NOT NULL, latency_03 integer NOT NULL,
  latency_04 integer NOT NULL, latency_05 integer NOT NULL, latency_06 integer NOT NULL, latency_07 integer NOT NULL,
  latency_08 integer NOT NULL, latency_09 integer NOT NULL, latency_10 integer NOT NULL, latency_11 integer NOT NULL,
  latency_12 integer NOT NULL, latency_13 integer NOT NULL,
  PRIMARY KEY (account_id, day, customer_id, provider, model, agent)
) WITH (fillfactor = 80);

-- R4: by hour, customer, provider, model and agent, for the days in which an event may still land; older rows are deleted.
CREATE TABLE usage_hour_customer (
  account_id         uuid        NOT NULL,
  hour               timestamptz NOT NULL,
  customer_id        text        COLLATE "C" NOT NULL,
  provider           text        COLLATE "C" NOT NULL,
  model              text        COLLATE "C" NOT NULL,
  agent              text        COLLATE "C" NOT NULL,
  calls              bigint NOT NULL, errors bigint NOT NULL, unpriced_calls bigint NOT NULL,
  input_tokens       bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  cost_nanos         bigint NOT NULL, latency_ms_sum bigint NOT NULL,
  latency_00 integer NOT NULL, latency_01 integer NOT NULL, latency_02 integer NOT NULL, latency_03 integer NOT NULL,
  latency_04 integer NOT NULL, latency_05 integer NOT NULL, latency_06 integer NOT NULL, latency_07 integer NOT NULL,
  latency_08 integer NOT NULL, latency_09 integer NOT NULL, latency_10 integer NOT NULL, latency_11 integer NOT NULL,
  latency_12 integer NOT NULL, latency_13 integer NOT NULL,
  PRIMARY KEY (account_id, hour, customer_id, provider, model, agent)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- R5: R1 by day, so that the totals of a month or of a quarter are a few thousand rows rather than a hundred thousand.
CREATE TABLE usage_day_total (
  account_id         uuid        NOT NULL,
  day                timestamptz NOT NULL,
  span_kind          smallint    NOT NULL,
  provider           text        COLLATE "C" NOT NULL,
  model              text        COLLATE "C" NOT NULL,
  agent              text        COLLATE "C" NOT NULL,
  calls              bigint NOT NULL, errors bigint NOT NULL, unpriced_calls bigint NOT NULL,
  input_tokens       bigint NOT NULL, output_tokens bigint NOT NULL, cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL, reasoning_tokens bigint NOT NULL,
  cost_nanos         bigint NOT NULL, latency_ms_sum bigint NOT NULL,
  latency_00 integer NOT NULL, latency_01 integer NOT NULL, latency_02 integer NOT NULL, latency_03 integer NOT NULL,
  latency_04 integer NOT NULL, latency_05 integer NOT NULL, latency_06 integer NOT NULL, latency_07 integer NOT NULL,
  latency_08 integer NOT NULL, latency_09 integer NOT NULL, latency_10 integer NOT NULL, latency_11 integer NOT NULL,
  latency_12 integer NOT NULL, latency_13 integer NOT NULL,
  PRIMARY KEY (account_id, day, provider, model, agent, span_kind)
) WITH (fillfactor = 70);
