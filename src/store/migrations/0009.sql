-- The ladder of trust: steps up and down, and signs that nothing else records. Never change this file; add the next step instead.
CREATE TABLE trust (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  scope   TEXT NOT NULL,
  rung    TEXT CHECK (rung IN ('observe', 'draft', 'send')),
  was     TEXT NOT NULL CHECK (was IN ('observe', 'draft', 'send')),
  cause   TEXT NOT NULL CHECK (cause IN ('owner', 'file', 'fall')),
  why     TEXT NOT NULL,
  written TEXT CHECK (written IN ('observe', 'draft', 'send')),
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX trust_scope ON trust (scope, seq);
CREATE TABLE sign (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox  TEXT NOT NULL,
  client   TEXT,
  code     TEXT NOT NULL CHECK (code IN ('complaint', 'renumbered')),
  exchange TEXT UNIQUE,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_at ON sign (at);
CREATE INDEX promise_told_ended ON promise (closed_at) WHERE announced = 1 AND closed_at IS NOT NULL;
CREATE INDEX outbox_withdrawn ON outbox (finished_at) WHERE state = 'dropped' AND last_reply = 'withdrawn';
