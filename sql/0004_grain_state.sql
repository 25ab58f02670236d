-- Persistent state of grains in the in-process engine.

CREATE TABLE grain_state (
  grain_type text        NOT NULL,
  grain_key  text        NOT NULL,
  state_name text        NOT NULL,
  -- Null after the state was cleared: the row stays, so that an etag never comes back.
  payload    bytea,
  etag       bigint      NOT NULL CHECK (etag > 0),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (grain_type, grain_key, state_name)
) WITH (fillfactor = 80); -- room for updates in place
