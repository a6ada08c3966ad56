-- Offered meeting times, and visits. Never change this file; add the next step instead.
CREATE TABLE offer (
  key     TEXT NOT NULL PRIMARY KEY,
  client  TEXT NOT NULL,
  about   TEXT,
  slots   TEXT NOT NULL,
  state   TEXT NOT NULL CHECK (state IN ('drafted', 'open', 'chosen', 'declined', 'expired', 'dropped')),
  chosen  INTEGER,
  made_at INTEGER NOT NULL,
  since   INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_made ON offer (made_at);
CREATE INDEX offer_client ON offer (client);
CREATE TABLE visit (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL UNIQUE,
  client   TEXT NOT NULL,
  day      TEXT NOT NULL,
  noted_at INTEGER NOT NULL,
  text     TEXT NOT NULL
) STRICT;
CREATE INDEX visit_client ON visit (client, day);
