-- The reader sees one account's customers. Every statement can be repeated.

ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS account ON customers;
CREATE POLICY account ON customers FOR SELECT TO llmobserve_reader
  USING (account_id = nullif(current_setting('llmobserve.account', true), '')::uuid);
GRANT SELECT ON customers TO llmobserve_reader;
