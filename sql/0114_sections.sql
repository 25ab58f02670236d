-- R7: by day, section, provider, model, agent and kind of call, without customer: the tree of sections. A day has at most 1,000 section paths
-- under their own names, and what has others, or a path of more than 1,000 bytes, under … (src/Domain/Events/SectionPaths.cs).

CREATE TABLE usage_day_section (
  account_id         uuid        NOT NULL,
  day                timestamptz NOT NULL,
  -- Domain's CallKind.
  span_kind          smallint    NOT NULL,
  section_path       text        COLLATE "C" NOT NULL,
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
  PRIMARY KEY (account_id, day, section_path, provider, model, agent, span_kind)
) WITH (fillfactor = 70);

-- From here on nothing lands that this would miss.
LOCK TABLE ledger_heads IN ACCESS EXCLUSIVE MODE;

-- The days are those of R5, as each account's zone has made them; each day's events are found by their index. Events that retention has
-- dropped are not in R7.
WITH days AS MATERIALIZED (
  SELECT account_id, day, coalesce(lead(day) OVER (PARTITION BY account_id ORDER BY day), 'infinity') AS until
  FROM (SELECT DISTINCT account_id, day FROM usage_day_total) AS known
), fine AS MATERIALIZED (
  SELECT d.account_id, d.day, of_day.*
  FROM days d CROSS JOIN LATERAL (
    SELECT e.section_path AS whole_path, e.provider, e.model, e.agent, e.kind, min(e.seq) AS first_seq,
      count(*) AS calls, count(*) FILTER (WHERE e.is_error) AS errors, count(*) FILTER (WHERE e.unpriced) AS unpriced_calls,
      sum(e.input_tokens) AS input_tokens, sum(e.output_tokens) AS output_tokens, sum(e.cached_tokens) AS cached_tokens,
      sum(e.cache_write_tokens) AS cache_write_tokens, sum(e.reasoning_tokens) AS reasoning_tokens,
      sum(e.cost_nanos) AS cost_nanos, sum(e.latency_ms) AS latency_ms_sum,
      count(*) FILTER (WHERE e.bucket = 0) AS latency_00, count(*) FILTER (WHERE e.bucket = 1) AS latency_01,
      count(*) FILTER (WHERE e.bucket = 2) AS latency_02, count(*) FILTER (WHERE e.bucket = 3) AS latency_03,
      count(*) FILTER (WHERE e.bucket = 4) AS latency_04, count(*) FILTER (WHERE e.bucket = 5) AS latency_05,
      count(*) FILTER (WHERE e.bucket = 6) AS latency_06, count(*) FILTER (WHERE e.bucket = 7) AS latency_07,
      count(*) FILTER (WHERE e.bucket = 8) AS latency_08, count(*) FILTER (WHERE e.bucket = 9) AS latency_09,
      count(*) FILTER (WHERE e.bucket = 10) AS latency_10, count(*) FILTER (WHERE e.bucket = 11) AS latency_11,
      count(*) FILTER (WHERE e.bucket = 12) AS latency_12, count(*) FILTER (WHERE e.bucket = 13) AS latency_13
    FROM (
      SELECT e.*,
        CASE WHEN e.latency_ms > 0 THEN width_bucket(e.latency_ms, ARRAY[11, 26, 51, 101, 251, 501, 1001, 2001, 4001, 8001, 15001, 30001, 60001]) END AS bucket,
        CASE
          WHEN e.span_kind <> 2 THEN e.span_kind
          WHEN lower(regexp_replace(e.endpoint, '([a-z])([A-Z])', '\1 \2', 'g')) ~ '(^|[^a-z])(upsert|insert|update|delete|add|put|create|drop|remove|write|set|import|load|replace|merge|truncate|clear|purge|store|configure)' THEN 5::smallint
          WHEN lower(regexp_replace(e.endpoint, '([a-z])([A-Z])', '\1 \2', 'g')) ~ '(^|[^a-z])(quer|fetch|search|get|list|describe|count|scroll|retrieve|recommend|discover|find|read|scan|select|lookup|near|similar|stat|exist)' THEN 4::smallint
          ELSE e.span_kind
        END AS kind
      FROM events e WHERE e.account_id = d.account_id AND e.occurred_at >= d.day AND e.occurred_at < d.until
    ) AS e
    GROUP BY 1, 2, 3, 4, 5
    OFFSET 0
  ) AS of_day
), firsts AS (
  SELECT *, whole_path <> '…' AND octet_length(whole_path) <= 1000 AS fits, min(first_seq) OVER (PARTITION BY account_id, day, whole_path) AS path_first
  FROM fine
), named AS (
  SELECT *, CASE
    WHEN fits AND dense_rank() OVER (PARTITION BY account_id, day, fits ORDER BY path_first) <= 1000 THEN whole_path ELSE '…'
  END AS section_path
  FROM firsts
)
INSERT INTO usage_day_section (
  account_id, day, section_path, provider, model, agent, span_kind,
  calls, errors, unpriced_calls, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, cost_nanos, latency_ms_sum,
  latency_00, latency_01, latency_02, latency_03, latency_04, latency_05, latency_06,
  latency_07, latency_08, latency_09, latency_10, latency_11, latency_12, latency_13)
SELECT account_id, day, section_path, provider, model, agent, kind,
  sum(calls), sum(errors), sum(unpriced_calls), sum(input_tokens), sum(output_tokens),
  sum(cached_tokens), sum(cache_write_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(latency_ms_sum),
  sum(latency_00), sum(latency_01), sum(latency_02), sum(latency_03), sum(latency_04),
  sum(latency_05), sum(latency_06), sum(latency_07), sum(latency_08), sum(latency_09),
  sum(latency_10), sum(latency_11), sum(latency_12), sum(latency_13)
FROM named
GROUP BY 1, 2, 3, 4, 5, 6, 7;
