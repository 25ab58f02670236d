-- How far the prices of accounts have changed. A change takes the next number and holds this row until it is durable, so that the numbers become
-- visible in their order: a process that has seen one has missed none before it.
CREATE TABLE price_override_changes (
  id   smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  last bigint   NOT NULL
);
INSERT INTO price_override_changes (last) VALUES (0);

ALTER TABLE price_overrides ADD COLUMN change bigint NOT NULL DEFAULT 0;

-- What is new since a number: asked every few seconds by every process that prices calls.
CREATE INDEX price_overrides_change ON price_overrides (change);
