CREATE TABLE notice (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  code     TEXT NOT NULL,
  mailbox  TEXT,
  client   TEXT,
  exchange TEXT,
  detail   TEXT NOT NULL,
  once     TEXT UNIQUE,
  at       INTEGER NOT NULL,
  told_at  INTEGER
) STRICT;
CREATE INDEX notice_untold ON notice (seq) WHERE told_at IS NULL;
