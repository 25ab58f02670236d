-- People and what they may do: sessions, proofs of address, invitations, identities that others vouch for, closed accounts, and the record of
-- who changed what. Times are instants in UTC.

-- A person whom an identity provider vouches for may have no address that we know.
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
ALTER TABLE users
  -- When the person proved that mail to the address reaches them.
  ADD COLUMN email_verified_at timestamptz,
  -- Signs in no more. The row goes with the personal account's data.
  ADD COLUMN closed_at         timestamptz;
-- The address of a person who has left is free again.
DROP INDEX users_email;
CREATE UNIQUE INDEX users_email ON users (email) WHERE closed_at IS NULL;

ALTER TABLE accounts
  -- Opens to nobody from here on, but its owner may take that back until purge_at.
  ADD COLUMN closed_at timestamptz,
  -- After this its data may be deleted for good.
  ADD COLUMN purge_at  timestamptz,
  ADD CONSTRAINT accounts_purge CHECK ((closed_at IS NULL) = (purge_at IS NULL));
-- What is to be purged.
CREATE INDEX accounts_purge_at ON accounts (purge_at) WHERE purge_at IS NOT NULL;

-- One sign-in of a person on one device. Ending it deletes the row, and its tokens with it.
CREATE TABLE sessions (
  id            uuid        PRIMARY KEY,
  user_id       uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
  -- The account that a refreshed token opens; null where that is gone: the personal one then.
  account_id    uuid        REFERENCES accounts ON DELETE SET NULL,
  -- Number of the refresh token that is good now; the tokens themselves are derived, not stored.
  generation    integer     NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL,
  refreshed_at  timestamptz NOT NULL,
  -- However often it is refreshed, it ends then.
  expires_at    timestamptz NOT NULL,
  ip            text,
  user_agent    text
);
-- A person's sessions, at sign-in and when all are ended; also serves the foreign key.
CREATE INDEX sessions_user ON sessions (user_id, created_at);
-- Serves the foreign key when an account is deleted.
CREATE INDEX sessions_account ON sessions (account_id);
-- What has ended is deleted by age.
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Links that were mailed to a person: each works once.
CREATE TABLE user_tokens (
  -- Of the token in the link.
  sha256     bytea       PRIMARY KEY CHECK (octet_length(sha256) = 32),
  user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
  purpose    text        NOT NULL CHECK (purpose IN ('verify', 'reset')),
  -- Where it was sent: it proves this address, and nothing once the person's address is another.
  email      text        NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX user_tokens_user ON user_tokens (user_id, purpose);
CREATE INDEX user_tokens_expires ON user_tokens (expires_at);

-- Open invitations. An accepted or withdrawn one is deleted; the audit log remembers it.
CREATE TABLE invitations (
  id         uuid        PRIMARY KEY,
  account_id uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  email      text        NOT NULL CHECK (email = lower(email)),
  role       text        NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
  -- Of the token in the link.
  sha256     bytea       NOT NULL CHECK (octet_length(sha256) = 32),
  invited_by uuid        REFERENCES users ON DELETE SET NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
-- One open invitation an address and account; also serves the foreign key.
CREATE UNIQUE INDEX invitations_once ON invitations (account_id, email);
CREATE UNIQUE INDEX invitations_sha256 ON invitations (sha256);
CREATE INDEX invitations_invited_by ON invitations (invited_by);

ALTER TABLE api_keys
  -- Networks in CIDR notation; null opens to every address.
  ADD COLUMN allowed_ips text[] CHECK (cardinality(allowed_ips) > 0),
  -- The key that takes over from this one, which works on until expires_at.
  ADD COLUMN rotated_to  uuid;

-- What Clerk told us of its users, organizations and memberships: which of ours each is, and how new the news was. A deleted one stays, so that
-- news which comes late does not bring it back.
CREATE TABLE clerk_objects (
  kind       text    NOT NULL CHECK (kind IN ('user', 'organization', 'membership')),
  -- Clerk's, user_…, org_… or orgmem_….
  id         text    NOT NULL,
  -- Clerk's updated_at in milliseconds since 1970; 0 where only a token has named it.
  updated_ms bigint  NOT NULL DEFAULT 0,
  deleted    boolean NOT NULL DEFAULT false,
  -- The person, of a user and of a membership.
  user_id    uuid    REFERENCES users ON DELETE SET NULL,
  -- The account, of an organization and of a membership.
  account_id uuid    REFERENCES accounts ON DELETE SET NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX clerk_objects_user ON clerk_objects (user_id);
CREATE INDEX clerk_objects_account ON clerk_objects (account_id);

-- Webhook messages that were acted on: the same id again changes nothing. Senders give up after days; older rows are deleted.
CREATE TABLE webhook_messages (
  id          text        PRIMARY KEY,
  received_at timestamptz NOT NULL
);
CREATE INDEX webhook_messages_received ON webhook_messages (received_at);

-- Keys that were made without anybody watching, until their owner has seen them.
CREATE TABLE unseen_keys (
  key_id     uuid        PRIMARY KEY REFERENCES api_keys ON DELETE CASCADE,
  account_id uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
  -- The key's text under AES-GCM: nonce, tag and cipher text.
  sealed     bytea       NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX unseen_keys_account ON unseen_keys (account_id);
CREATE INDEX unseen_keys_user ON unseen_keys (user_id);
CREATE INDEX unseen_keys_expires ON unseen_keys (expires_at);

-- Who did what to which object. Rows are added in the transaction of what they tell of, and never changed.
CREATE TABLE audit_log (
  -- Version 7: in order of time.
  id          uuid        PRIMARY KEY,
  -- Null: it concerns the whole installation. No foreign key: the record of an account's end outlives the account.
  account_id  uuid,
  at          timestamptz NOT NULL,
  actor_kind  text        NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'clerk', 'operator', 'system')),
  actor_id    text,
  -- As they were called then: an address, or a key's prefix.
  actor_name  text,
  -- object.verb, as in cap.updated.
  action      text        NOT NULL,
  object_kind text        NOT NULL,
  object_id   text,
  object_name text,
  ip          text,
  request_id  text,
  -- What changed, as it was and as it is; never a password, a key or a token.
  before      jsonb,
  after       jsonb
);
-- An account's list, newest first.
CREATE INDEX audit_log_account ON audit_log (account_id, at DESC, id DESC);

-- Rows go only with their account: the purge says so for its transaction.
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.account_id::text = current_setting('llmobserve.purge', true) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_keeps_rows BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_log_keeps_all BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
