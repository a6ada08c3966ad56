CREATE TABLE never (
  folded  TEXT NOT NULL PRIMARY KEY,
  address TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE handed (
  exchange    INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE,
  mailbox     TEXT NOT NULL,
  folder      TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  uid         INTEGER NOT NULL,
  draft_key   TEXT NOT NULL,
  draft_id    TEXT,
  wish        TEXT NOT NULL CHECK (wish IN ('their-morning', 'send-now')),
  adopted     INTEGER NOT NULL CHECK (adopted IN (0, 1)),
  settled_at  INTEGER
) STRICT;
CREATE INDEX handed_open ON handed (mailbox) WHERE settled_at IS NULL;
CREATE INDEX handed_draft ON handed (draft_key);

CREATE TABLE outbox_recipient (
  exchange INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE,
  address  TEXT NOT NULL,
  PRIMARY KEY (exchange, address)
) STRICT, WITHOUT ROWID;
