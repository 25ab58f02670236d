-- Holds: what survives a crash or a sleep of the account that keeps them. src/Storage/Holds/README.md says which rules hold.

-- The share of a hard cap's limit that one hold may take; 1 is no bound.
ALTER TABLE accounts ADD COLUMN max_hold_share numeric NOT NULL DEFAULT 1 CHECK (max_hold_share > 0 AND max_hold_share <= 1);

-- What one activation of an account may hold on a cap at most, and until when. Rows of other activations count as held until then; several
-- of one cap add up.
CREATE TABLE cap_ceilings (
  account_id   uuid        NOT NULL,
  cap_id       uuid        NOT NULL REFERENCES caps ON DELETE CASCADE,
  -- Of the account's grain; made up anew each time it wakes.
  activation   uuid        NOT NULL,
  amount_nanos bigint      NOT NULL CHECK (amount_nanos > 0),
  until        timestamptz NOT NULL,
  -- Grows with each write of an activation: one whose reply was lost may still land after the next, and must not undo it.
  revision     bigint      NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, cap_id, activation)
) WITH (fillfactor = 50); -- raised in place
-- Serves the foreign key when a cap is deleted.
CREATE INDEX cap_ceilings_cap ON cap_ceilings (cap_id);

-- Holds that were open when their account went to sleep in good order, for its next activation.
CREATE TABLE open_holds (
  account_id      uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  id              uuid        NOT NULL,
  -- The call's labels, canonical; empty where it has none.
  provider        text        COLLATE "C" NOT NULL,
  model           text        COLLATE "C" NOT NULL,
  agent           text        COLLATE "C" NOT NULL,
  customer_id     text        COLLATE "C" NOT NULL,
  amount_nanos    bigint      NOT NULL CHECK (amount_nanos >= 0),
  granted_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  -- The client's, and what tells one request under it from another.
  idempotency_key text,
  digest          text,
  -- The event whose commit may have settled it, where the reply was lost.
  settling_event  text,
  PRIMARY KEY (account_id, id)
);

-- What calls cost above their holds. Written by the commit of their events, so without foreign keys, like the rollups.
CREATE TABLE cap_overruns (
  account_id    uuid        NOT NULL,
  -- UTC instant at which the period of the cap begins, in the account's time zone.
  period_start  timestamptz NOT NULL,
  cap_id        uuid        NOT NULL,
  calls         bigint      NOT NULL,
  overrun_nanos bigint      NOT NULL,
  -- The time first: what is read is the current periods of all caps.
  PRIMARY KEY (account_id, period_start, cap_id)
) WITH (fillfactor = 70);

-- What the event's hold_id did: null where it names none, and in events from before holds. Constants as defaults: no partition is rewritten.
ALTER TABLE events
  -- settled, late, again or unknown. No check: adding one would read every partition.
  ADD COLUMN hold_outcome  text    COLLATE "C",
  -- What was held; null where that is not known.
  ADD COLUMN held_nanos    bigint,
  -- The event counts in other caps than its hold did.
  ADD COLUMN hold_mismatch boolean NOT NULL DEFAULT false;
