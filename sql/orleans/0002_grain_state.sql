-- Persistent state of grains in the cluster.
--
-- Orleans' ADO.NET persistence takes the four texts below from OrleansQuery and runs each as one command with named parameters. Its etag
-- is the version. A write, clear or delete names the version that the grain has read, null where it has found none. It is answered with the
-- new version: a write in NewGrainStateVersion, the others in the first column. No row means refused: somebody else has written since.
-- Orleans sends hashes of the grain's type and key too; nothing here needs them, since the primary key finds the row.

CREATE TABLE orleans_grain_state (
  service_id    text        NOT NULL,
  -- What Orleans calls the type is the name of the state.
  grain_type    text        NOT NULL,
  -- The key's 128 bits where it is a GUID, its number in key_low where it is one, 0 otherwise.
  key_high      bigint      NOT NULL,
  key_low       bigint      NOT NULL,
  -- A plus sign and the text of the key or beside it; empty where there is none.
  key_text      text        NOT NULL,
  -- Null after the state was cleared: the row stays, so that a version never comes back.
  payload       bytea,
  version       integer     NOT NULL CHECK (version > 0),
  updated_at    timestamptz NOT NULL,
  PRIMARY KEY (service_id, grain_type, key_high, key_low, key_text)
) WITH (fillfactor = 80); -- room for updates in place

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES

-- No row: never written, or deleted. No payload: cleared.
('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_grain_state
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
  AND key_text = coalesce('+' || @GrainIdExtensionString, '')
$query$),

-- One of the two halves applies. Of those that write at once, one locks or inserts the row; the others wait for its commit, and then find
-- another version, or a row where they expected none.
('WriteToStorageKey', $query$
WITH updated AS (
  UPDATE orleans_grain_state SET payload = @PayloadBinary, version = version + 1, updated_at = now()
  WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
    AND key_text = coalesce('+' || @GrainIdExtensionString, '') AND version = @GrainStateVersion
  RETURNING version
), inserted AS (
  INSERT INTO orleans_grain_state (service_id, grain_type, key_high, key_low, key_text, payload, version, updated_at)
  SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce('+' || @GrainIdExtensionString, ''), @PayloadBinary, 1, now()
  WHERE @GrainStateVersion IS NULL
  ON CONFLICT DO NOTHING
  RETURNING version
)
SELECT version AS NewGrainStateVersion FROM updated
UNION ALL
SELECT version FROM inserted
$query$),

('ClearStorageKey', $query$
UPDATE orleans_grain_state SET payload = NULL, version = version + 1, updated_at = now()
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
  AND key_text = coalesce('+' || @GrainIdExtensionString, '') AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$query$),

-- Instead of the clear, where the provider is told to delete on clear; versions of that grain then begin again at 1.
('DeleteStorageKey', $query$
DELETE FROM orleans_grain_state
WHERE service_id = @ServiceId AND grain_type = @GrainTypeString AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
  AND key_text = coalesce('+' || @GrainIdExtensionString, '') AND version = @GrainStateVersion
RETURNING version + 1 AS NewGrainStateVersion
$query$);
