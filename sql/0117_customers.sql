-- What an account says of its own customers: what they are called, and what they pay each month. Who only has events has no row.
CREATE TABLE customers (
  account_id          uuid        NOT NULL REFERENCES accounts ON DELETE CASCADE,
  -- The account's own id, to the letter, as its events have it. In the order of its bytes, which is that of the list.
  customer_id         text        COLLATE "C" NOT NULL,
  name                text,
  monthly_price_nanos bigint      CHECK (monthly_price_nanos >= 0),
  updated_at          timestamptz NOT NULL,
  PRIMARY KEY (account_id, customer_id),
  CHECK (name IS NOT NULL OR monthly_price_nanos IS NOT NULL)
);
