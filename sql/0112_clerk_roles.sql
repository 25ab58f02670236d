-- What decides a member's role in the account of an organization of Clerk's. It is worked out anew at every change from all that is known, so that
-- the order in which news comes makes no difference.
ALTER TABLE clerk_objects
  -- Of an organization: the user who made it, in Clerk's id. That user may not be known yet.
  ADD COLUMN created_by text,
  -- Of a membership: Clerk's word, org:admin, org:member or one of the organization's own.
  ADD COLUMN role       text,
  -- Of a membership: Clerk's created_at in milliseconds since 1970.
  ADD COLUMN created_ms bigint NOT NULL DEFAULT 0;
