-- Version 1: the first schema. Never change this file; add the next step instead.
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE folder (
  id               INTEGER PRIMARY KEY,
  mailbox          TEXT NOT NULL,
  name             TEXT NOT NULL,
  role             TEXT NOT NULL CHECK (role IN ('inbox', 'sent', 'drafts', 'junk')),
  uidvalidity      INTEGER NOT NULL,
  uid_next         INTEGER NOT NULL,
  rescan_below     INTEGER NOT NULL,
  first_contact_at INTEGER NOT NULL,
  UNIQUE (mailbox, name)
) STRICT;
CREATE TABLE exchange (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT NOT NULL UNIQUE,
  mailbox      TEXT NOT NULL,
  direction    TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  kind         TEXT NOT NULL,
  written_by   TEXT NOT NULL CHECK (written_by IN ('other', 'owner', 'machine')),
  key          TEXT UNIQUE,
  message_id   TEXT,
  conversation TEXT NOT NULL,
  client       TEXT,
  from_address TEXT,
  from_folded  TEXT,
  from_domain  TEXT,
  to_address   TEXT,
  subject      TEXT NOT NULL,
  base_subject TEXT NOT NULL,
  at           INTEGER NOT NULL,
  recorded_at  INTEGER NOT NULL,
  verdict      TEXT CHECK (verdict IN ('acknowledge', 'wait', 'hold', 'ignore', 'own')),
  size         INTEGER NOT NULL,
  excerpt      TEXT NOT NULL,
  body_hash    INTEGER,
  answered     INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1))
) STRICT;
CREATE INDEX exchange_message_id ON exchange (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX exchange_conversation ON exchange (conversation);
CREATE INDEX exchange_owner_wrote ON exchange (conversation, at) WHERE written_by = 'owner';
CREATE INDEX exchange_client ON exchange (client, at) WHERE client IS NOT NULL;
CREATE INDEX exchange_recorded ON exchange (recorded_at);
CREATE INDEX exchange_body ON exchange (from_domain, body_hash, at) WHERE body_hash IS NOT NULL;
CREATE TABLE reference (
  message_id TEXT NOT NULL,
  exchange   INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE,
  direct     INTEGER NOT NULL CHECK (direct IN (0, 1)),
  PRIMARY KEY (message_id, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_exchange ON reference (exchange);
CREATE TABLE recipient (
  folded   TEXT NOT NULL,
  exchange INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE,
  PRIMARY KEY (folded, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_exchange ON recipient (exchange);
CREATE TABLE location (
  folder      INTEGER NOT NULL REFERENCES folder (id),
  uidvalidity INTEGER NOT NULL,
  uid         INTEGER NOT NULL,
  exchange    INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE,
  PRIMARY KEY (folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_exchange ON location (exchange);
CREATE TABLE raw (
  exchange INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE,
  whole    INTEGER NOT NULL CHECK (whole IN (0, 1)),
  bytes    BLOB NOT NULL
) STRICT;
CREATE TABLE decision (
  exchange     INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE,
  reasons      TEXT NOT NULL,
  send_at      INTEGER,
  window_start INTEGER,
  window_end   INTEGER,
  window_zone  TEXT,
  by_at        INTEGER,
  announced    INTEGER CHECK (announced IN (0, 1))
) STRICT;
CREATE TABLE promise (
  id           TEXT NOT NULL PRIMARY KEY,
  exchange     INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE,
  client       TEXT NOT NULL,
  to_folded    TEXT,
  mailbox      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'kept', 'renewed', 'lapsed', 'released')),
  by_at        INTEGER NOT NULL,
  by_wall      TEXT NOT NULL,
  zone         TEXT NOT NULL,
  made_at      INTEGER NOT NULL,
  announced    INTEGER NOT NULL CHECK (announced IN (0, 1)),
  renews       TEXT REFERENCES promise (id) ON DELETE SET NULL,
  closed_at    INTEGER,
  closed_by    TEXT
) STRICT;
CREATE INDEX promise_open ON promise (by_at) WHERE state = 'open';
CREATE INDEX promise_open_conversation ON promise (conversation, by_at) WHERE state = 'open';
CREATE INDEX promise_open_client ON promise (client) WHERE state = 'open';
CREATE INDEX promise_open_address ON promise (to_folded) WHERE state = 'open';
CREATE INDEX promise_exchange ON promise (exchange);
CREATE INDEX promise_conversation ON promise (conversation);
CREATE INDEX promise_renews ON promise (renews) WHERE renews IS NOT NULL;
CREATE TABLE outbox (
  exchange            INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE,
  answers             INTEGER REFERENCES exchange (seq) ON DELETE SET NULL,
  promise             TEXT REFERENCES promise (id) ON DELETE SET NULL,
  mailbox             TEXT NOT NULL,
  conversation        TEXT NOT NULL,
  kind                TEXT NOT NULL,
  automatic           INTEGER NOT NULL CHECK (automatic IN (0, 1)),
  route               TEXT NOT NULL CHECK (route IN ('send', 'draft', 'observe')),
  state               TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'dot_sent', 'sent', 'unknown', 'failed', 'dropped', 'observed', 'drafted')),
  not_before          INTEGER NOT NULL,
  next_attempt        INTEGER NOT NULL,
  attempts            INTEGER NOT NULL,
  lease_until         INTEGER,
  envelope_from       TEXT,
  envelope_to         TEXT NOT NULL,
  to_folded           TEXT NOT NULL,
  to_domain           TEXT NOT NULL,
  bytes               BLOB NOT NULL,
  provider_message_id TEXT,
  fuseau_id           TEXT NOT NULL,
  dedupe_key          TEXT NOT NULL UNIQUE,
  last_reply          TEXT,
  sent_copy           TEXT NOT NULL CHECK (sent_copy IN ('none', 'wanted', 'present', 'appended', 'unneeded', 'failed')),
  created_at          INTEGER NOT NULL,
  finished_at         INTEGER,
  window_start        INTEGER,
  window_end          INTEGER,
  window_zone         TEXT
) STRICT;
CREATE INDEX outbox_queued ON outbox (mailbox, next_attempt) WHERE state = 'queued';
CREATE INDEX outbox_sending ON outbox (mailbox, lease_until) WHERE state = 'sending';
CREATE INDEX outbox_open ON outbox (state, mailbox) WHERE state IN ('queued', 'sending', 'dot_sent', 'unknown');
CREATE INDEX outbox_copy ON outbox (mailbox) WHERE sent_copy = 'wanted';
CREATE INDEX outbox_made ON outbox (created_at, mailbox) WHERE automatic = 1 AND state <> 'dropped';
CREATE INDEX outbox_to ON outbox (to_folded, created_at) WHERE automatic = 1 AND state <> 'dropped';
CREATE INDEX outbox_domain ON outbox (to_domain, created_at) WHERE automatic = 1 AND state <> 'dropped';
CREATE INDEX outbox_conversation ON outbox (conversation, created_at);
CREATE INDEX outbox_fuseau_id ON outbox (fuseau_id);
CREATE INDEX outbox_provider ON outbox (provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX outbox_answers ON outbox (answers) WHERE answers IS NOT NULL;
CREATE INDEX outbox_promise ON outbox (promise) WHERE promise IS NOT NULL;
CREATE TABLE pause (
  scope    TEXT NOT NULL PRIMARY KEY,
  until_at INTEGER NOT NULL,
  code     TEXT NOT NULL,
  made_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bounce (
  folded TEXT NOT NULL PRIMARY KEY,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE in_work (
  folder      INTEGER NOT NULL REFERENCES folder (id),
  uidvalidity INTEGER NOT NULL,
  uid         INTEGER NOT NULL,
  deaths      INTEGER NOT NULL,
  noted_at    INTEGER NOT NULL,
  PRIMARY KEY (folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
