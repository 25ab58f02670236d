-- Price books: an import makes a new version, none ever changes, so that the cost of any event can be explained.

CREATE TABLE price_books (
  version    integer     PRIMARY KEY CHECK (version > 0),
  -- Text, not jsonb: prices are read back digit for digit.
  book       text        NOT NULL,
  note       text        NOT NULL,
  created_at timestamptz NOT NULL
);

-- What one account pays where it differs from the book.
CREATE TABLE price_overrides (
  account_id uuid        PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  -- Goes up with each change, so that a cached copy can be recognised as old.
  version    integer     NOT NULL CHECK (version > 0),
  overrides  text        NOT NULL,
  updated_at timestamptz NOT NULL
);
