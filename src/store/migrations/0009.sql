-- The journal of projects, and the occasions of drafts. Never change this file; add the next step instead.
CREATE TABLE journal (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  id      TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  client  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  text    TEXT NOT NULL,
  source  TEXT NOT NULL CHECK (source IN ('cli', 'mail', 'folder')),
  once    TEXT UNIQUE
) STRICT;
CREATE INDEX journal_project ON journal (project, at);
CREATE INDEX journal_client ON journal (client);
CREATE TABLE occasion (
  key      TEXT NOT NULL PRIMARY KEY,
  kind     TEXT NOT NULL,
  client   TEXT NOT NULL,
  project  TEXT,
  mail     INTEGER REFERENCES exchange (seq) ON DELETE SET NULL,
  state    TEXT NOT NULL CHECK (state IN ('waiting', 'touched', 'sent', 'deleted', 'withdrawn', 'expired')),
  asked    INTEGER NOT NULL CHECK (asked IN (0, 1)),
  print    TEXT NOT NULL,
  why      TEXT NOT NULL,
  replaced BLOB,
  removing INTEGER NOT NULL DEFAULT 0 CHECK (removing IN (0, 1)),
  dropped  INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1)),
  made_at  INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX occasion_mail ON occasion (mail) WHERE mail IS NOT NULL;
CREATE INDEX occasion_made ON occasion (made_at);
CREATE INDEX occasion_client ON occasion (client);
CREATE INDEX occasion_open ON occasion (made_at) WHERE state IN ('waiting', 'touched');
