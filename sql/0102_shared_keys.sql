-- What the processes of one installation share and nobody else may know: the key that signs sessions, and those that protect the dashboard's
-- cookies and forms. One process alone keeps them in its data directory; a cluster has only the database in common.

CREATE TABLE shared_keys (
  name       text        PRIMARY KEY CHECK (name <> ''),
  value      text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
