-- R3 and R4 tell kinds of calls apart, as R1 and R5 do. From here on those kinds are finer than an event's own span_kind: 4 and 5 are calls to
-- a vector DB that read and that write (src/Domain/Events/CallKinds.cs). What was counted before stays 2, plain calls to a vector DB.

-- Every commit of the ledger begins with its heads: none comes between the locks that follow.
LOCK TABLE ledger_heads IN ACCESS EXCLUSIVE MODE;

-- What R5 shows for the provider and model of a row, by most calls, where that is not LLM (1).
CREATE TEMPORARY TABLE kinds ON COMMIT DROP AS
SELECT account_id, provider, model, span_kind FROM (
  SELECT DISTINCT ON (account_id, provider, model) account_id, provider, model, span_kind
  FROM usage_day_total
  GROUP BY account_id, provider, model, span_kind
  ORDER BY account_id, provider, model, sum(calls) DESC, span_kind
) AS most
WHERE span_kind <> 1;

ALTER TABLE usage_day ADD COLUMN span_kind smallint NOT NULL DEFAULT 1;
UPDATE usage_day u SET span_kind = k.span_kind FROM kinds k WHERE u.account_id = k.account_id AND u.provider = k.provider AND u.model = k.model;
ALTER TABLE usage_day ALTER COLUMN span_kind DROP DEFAULT;
ALTER TABLE usage_day DROP CONSTRAINT usage_day_pkey;
ALTER TABLE usage_day ADD PRIMARY KEY (account_id, day, customer_id, provider, model, agent, span_kind);

ALTER TABLE usage_hour_customer ADD COLUMN span_kind smallint NOT NULL DEFAULT 1;
UPDATE usage_hour_customer u SET span_kind = k.span_kind
  FROM kinds k WHERE u.account_id = k.account_id AND u.provider = k.provider AND u.model = k.model;
ALTER TABLE usage_hour_customer ALTER COLUMN span_kind DROP DEFAULT;
ALTER TABLE usage_hour_customer DROP CONSTRAINT usage_hour_customer_pkey;
ALTER TABLE usage_hour_customer ADD PRIMARY KEY (account_id, hour, customer_id, provider, model, agent, span_kind);
