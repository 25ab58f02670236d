-- Accounts, the people in them, and their keys.
-- Ids are version 7 UUIDs made by the server, so primary keys grow at their right edge.

CREATE TABLE users (
  id                uuid        PRIMARY KEY,
  -- Kept in lower case by the store; the check makes the unique index mean what it says.
  email             text        NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 320),
  -- Null for a person who signs in elsewhere.
  password_hash     text,
  name              text,
  user_type         text        NOT NULL DEFAULT 'solo_dev',
  subscription_tier text        NOT NULL DEFAULT 'free',
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL
);
-- Sign-in looks a person up by address; two sign-ups of one address at once must not both succeed.
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE accounts (
  id              uuid        PRIMARY KEY,
  name            text        NOT NULL,
  -- IANA name; the buckets of the rollups begin at its hours and days.
  time_zone       text        NOT NULL DEFAULT 'UTC',
  -- What a hard cap does with a call that has no price.
  unpriced_policy text        NOT NULL DEFAULT 'allow' CHECK (unpriced_policy IN ('allow', 'deny')),
  -- Whose personal account it is; every user has one, made at sign-up.
  personal_user_id uuid       REFERENCES users ON DELETE SET NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
);
-- One personal account a person; also serves the foreign key.
CREATE UNIQUE INDEX accounts_personal ON accounts (personal_user_id);

CREATE TABLE memberships (
  account_id uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
  role       text        NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, user_id)
);
-- Which accounts a person belongs to, at sign-in; also serves the foreign key.
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE api_keys (
  id           uuid        PRIMARY KEY,
  account_id   uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  -- Who made it; a key outlives its maker's account on this server.
  user_id      uuid        REFERENCES users ON DELETE SET NULL,
  key_sha256   bytea       NOT NULL CHECK (octet_length(key_sha256) = 32),
  -- The first characters, to recognise a key by; never enough to use it.
  key_prefix   text        NOT NULL CHECK (length(key_prefix) <= 20),
  name         text        NOT NULL,
  scopes       text[]      NOT NULL,
  created_at   timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  expires_at   timestamptz
);
-- Every request with a key that is not yet in memory.
CREATE UNIQUE INDEX api_keys_sha256 ON api_keys (key_sha256);
-- The list of an account's keys; also serves the foreign key.
CREATE INDEX api_keys_account ON api_keys (account_id);
-- Serves the foreign key when a person is deleted.
CREATE INDEX api_keys_user ON api_keys (user_id);
