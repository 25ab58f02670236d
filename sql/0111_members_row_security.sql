-- The list of an account's members has their names and addresses: a read of one account sees those of its own people.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS account ON users;
CREATE POLICY account ON users FOR SELECT TO llmobserve_reader
  USING (id IN (SELECT m.user_id FROM memberships m WHERE m.account_id = nullif(current_setting('llmobserve.account', true), '')::uuid));
GRANT SELECT (id, email, name, closed_at) ON users TO llmobserve_reader;

-- Of what concerns the whole installation, everybody's admins see the prices that all share, and not whose account was deleted.
DROP POLICY IF EXISTS installation ON audit_log;
CREATE POLICY installation ON audit_log FOR SELECT TO llmobserve_reader USING (account_id IS NULL AND object_kind = 'prices');
