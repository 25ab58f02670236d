-- Who is in the cluster.
--
-- Orleans' ADO.NET clustering keeps no SQL of its own. At start it reads every row of OrleansQuery (QueryKey, QueryText), and later it runs
-- the texts under the keys below, each as one command with named parameters. It reads the answers by column name; where it asks whether
-- something was done, it wants one row with one boolean.
--
-- A cluster has one version. Whoever inserts or updates a member names the version that they have read; that is refused (false, and nothing
-- changes) unless it is still the version, and raises it by one otherwise. A sign of life and the removal of old members leave it alone.

CREATE TABLE OrleansQuery (
  QueryKey  text PRIMARY KEY,
  QueryText text NOT NULL
);

CREATE TABLE orleans_clusters (
  -- Orleans says cluster id or deployment id.
  cluster_id text    PRIMARY KEY,
  version    integer NOT NULL CHECK (version >= 0)
);

CREATE TABLE orleans_members (
  cluster_id    text        NOT NULL REFERENCES orleans_clusters ON DELETE CASCADE,
  address       text        NOT NULL,
  port          integer     NOT NULL,
  -- Tells apart the processes that have had this address and port, one after another.
  generation    integer     NOT NULL,
  silo_name     text        NOT NULL,
  host_name     text        NOT NULL,
  -- As Orleans numbers them: 3 is active, 6 is dead.
  status        integer     NOT NULL,
  -- Where clients connect; 0 where they cannot.
  gateway_port  integer     NOT NULL,
  -- Who has suspected this member and when, in Orleans' own notation; null until somebody does.
  suspect_times text,
  started_at    timestamptz NOT NULL,
  alive_at      timestamptz NOT NULL,
  PRIMARY KEY (cluster_id, address, port, generation)
) WITH (fillfactor = 80); -- room for signs of life in place

-- Both functions lock the cluster's row first. Of those that name the same version one goes on; the others wait for its commit and then
-- find another version.

CREATE FUNCTION orleans_insert_member(
  p_cluster_id text, p_version integer, p_address text, p_port integer, p_generation integer, p_silo_name text, p_host_name text,
  p_status integer, p_gateway_port integer, p_started_at timestamptz, p_alive_at timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $function$
BEGIN
  PERFORM 1 FROM orleans_clusters WHERE cluster_id = p_cluster_id AND version = p_version FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  INSERT INTO orleans_members
    (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
  VALUES
    (p_cluster_id, p_address, p_port, p_generation, p_silo_name, p_host_name, p_status, p_gateway_port, p_started_at, p_alive_at)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  UPDATE orleans_clusters SET version = version + 1 WHERE cluster_id = p_cluster_id;
  RETURN true;
END
$function$;

CREATE FUNCTION orleans_update_member(
  p_cluster_id text, p_version integer, p_address text, p_port integer, p_generation integer, p_status integer, p_suspect_times text,
  p_alive_at timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $function$
BEGIN
  PERFORM 1 FROM orleans_clusters WHERE cluster_id = p_cluster_id AND version = p_version FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  UPDATE orleans_members SET status = p_status, suspect_times = p_suspect_times, alive_at = p_alive_at
  WHERE cluster_id = p_cluster_id AND address = p_address AND port = p_port AND generation = p_generation;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  UPDATE orleans_clusters SET version = version + 1 WHERE cluster_id = p_cluster_id;
  RETURN true;
END
$function$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES

-- Gives the cluster its version, once. Answers whether it was this call that did.
('InsertMembershipVersionKey', $query$
WITH created AS (
  INSERT INTO orleans_clusters (cluster_id, version) VALUES (@DeploymentId, 0)
  ON CONFLICT DO NOTHING
  RETURNING cluster_id
)
SELECT EXISTS (SELECT FROM created) AS created
$query$),

('InsertMembershipKey', $query$
SELECT orleans_insert_member(
  @DeploymentId, @Version, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime) AS inserted
$query$),

('UpdateMembershipKey', $query$
SELECT orleans_update_member(
  @DeploymentId, @Version, @Address, @Port, @Generation, @Status, @SuspectTimes, @IAmAliveTime) AS updated
$query$),

-- A sign of life, the most frequent of all: it waits for no change of the cluster but one of the same member.
('UpdateIAmAlivetimeKey', $query$
UPDATE orleans_members SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

-- One member and the version, in one snapshot. A row comes without the member too: then only its version has a value.
('MembershipReadRowKey', $query$
SELECT cluster.version AS Version, member.address AS Address, member.port AS Port, member.generation AS Generation,
  member.silo_name AS SiloName, member.host_name AS HostName, member.status AS Status, member.gateway_port AS ProxyPort,
  member.suspect_times AS SuspectTimes, member.started_at AS StartTime, member.alive_at AS IAmAliveTime
FROM orleans_clusters cluster
LEFT JOIN orleans_members member ON member.cluster_id = cluster.cluster_id
  AND member.address = @Address AND member.port = @Port AND member.generation = @Generation
WHERE cluster.cluster_id = @DeploymentId
$query$),

-- All members and the version, in one snapshot. A row comes without any member too: then only its version has a value.
('MembershipReadAllKey', $query$
SELECT cluster.version AS Version, member.address AS Address, member.port AS Port, member.generation AS Generation,
  member.silo_name AS SiloName, member.host_name AS HostName, member.status AS Status, member.gateway_port AS ProxyPort,
  member.suspect_times AS SuspectTimes, member.started_at AS StartTime, member.alive_at AS IAmAliveTime
FROM orleans_clusters cluster
LEFT JOIN orleans_members member ON member.cluster_id = cluster.cluster_id
WHERE cluster.cluster_id = @DeploymentId
$query$),

-- The members that clients can connect to; Orleans asks for the active ones.
('GatewaysQueryKey', $query$
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
FROM orleans_members
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$query$),

-- The members go with it.
('DeleteMembershipTableEntriesKey', $query$
DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId
$query$),

-- Members that nobody has heard of since then and that are not active (3). An active one is first declared dead by the others.
('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM orleans_members
WHERE cluster_id = @DeploymentId AND status <> 3 AND greatest(started_at, alive_at) < @IAmAliveTime
$query$);
