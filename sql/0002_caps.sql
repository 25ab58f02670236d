-- Spending caps and the alerts that they raised.

CREATE TABLE caps (
  id              uuid        PRIMARY KEY,
  account_id      uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  cap_type        text        NOT NULL CHECK (cap_type IN ('global', 'provider', 'model', 'agent', 'customer')),
  -- Canonical, as the ledger's events carry it; empty for a global cap.
  target          text        NOT NULL,
  -- As the user typed it.
  target_name     text        NOT NULL,
  -- Narrows a customer cap; null where nothing does.
  sub_scope       text        CHECK (sub_scope IN ('provider', 'model')),
  sub_target      text        NOT NULL DEFAULT '',
  sub_target_name text        NOT NULL DEFAULT '',
  limit_nanos     bigint      NOT NULL CHECK (limit_nanos > 0),
  period          text        NOT NULL CHECK (period IN ('daily', 'weekly', 'monthly')),
  enforcement     text        NOT NULL CHECK (enforcement IN ('alert', 'hard_block')),
  -- Fractions of the limit, ascending; the last is 1.
  thresholds      numeric[]   NOT NULL CHECK (cardinality(thresholds) > 0),
  alert_email     text,
  enabled         boolean     NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CHECK ((cap_type = 'global') = (target = '')),
  CHECK (sub_scope IS NULL OR cap_type = 'customer'),
  CHECK ((sub_scope IS NULL) = (sub_target = ''))
);
-- An account's caps are loaded together when it activates; also serves the foreign key.
CREATE INDEX caps_account ON caps (account_id, created_at, id);

CREATE TABLE alerts (
  id                  uuid        PRIMARY KEY,
  account_id          uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  -- No foreign key: an alert is history and outlives its cap.
  cap_id              uuid        NOT NULL,
  threshold           numeric     NOT NULL CHECK (threshold > 0),
  alert_type          text        NOT NULL CHECK (alert_type IN ('threshold_reached', 'cap_exceeded')),
  current_spend_nanos bigint      NOT NULL CHECK (current_spend_nanos >= 0),
  cap_limit_nanos     bigint      NOT NULL CHECK (cap_limit_nanos > 0),
  percentage          numeric     NOT NULL CHECK (percentage >= 0),
  target_type         text        NOT NULL,
  target_name         text        NOT NULL,
  period_start        timestamptz NOT NULL,
  period_end          timestamptz NOT NULL CHECK (period_end > period_start),
  email_sent          boolean     NOT NULL DEFAULT false,
  created_at          timestamptz NOT NULL
);
-- One alert for each threshold of a cap in a period, whoever notices it and however often.
CREATE UNIQUE INDEX alerts_once ON alerts (cap_id, period_start, threshold);
-- The list, newest first; also serves the foreign key.
CREATE INDEX alerts_account ON alerts (account_id, created_at DESC, id DESC);
