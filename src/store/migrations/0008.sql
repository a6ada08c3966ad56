-- The chain of seals, and how far each import came. Never change this file; add the next step instead.
CREATE TABLE seal (
  number   INTEGER PRIMARY KEY,
  exchange INTEGER NOT NULL UNIQUE,
  content  BLOB NOT NULL,
  chain    BLOB NOT NULL
) STRICT;
CREATE TABLE unsealed (
  exchange INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE
) STRICT;
CREATE TABLE import_source (
  source   TEXT NOT NULL PRIMARY KEY,
  scope    TEXT NOT NULL,
  part     TEXT NOT NULL,
  position INTEGER NOT NULL,
  at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
