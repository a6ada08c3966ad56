CREATE TABLE alert (
  exchange INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE,
  mailbox  TEXT NOT NULL,
  client   TEXT NOT NULL,
  evidence TEXT NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('due', 'running', 'done', 'failed')),
  made_at  INTEGER NOT NULL,
  ended_at INTEGER,
  said     TEXT
) STRICT;
CREATE INDEX alert_open ON alert (mailbox) WHERE state IN ('due', 'running');
CREATE INDEX alert_made ON alert (made_at, client);
