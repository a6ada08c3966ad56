-- The newest schema, for people: every table and column with its meaning.
-- The program never runs this file; migrations/*.sql make the database, and a test compares the two.
--
-- Instants are INTEGER, milliseconds since 1970-01-01T00:00:00Z. Civil times stand beside them as TEXT with
-- their IANA zone. Ids are TEXT (UUID version 7). "Folded" addresses are lower case, without plus-tag (rule 21).

-- Small facts of the program about itself.
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY, -- its name
  value TEXT NOT NULL              -- its value
) STRICT, WITHOUT ROWID;

-- The cursor of each folder that is watched.
CREATE TABLE folder (
  id               INTEGER PRIMARY KEY, -- local number, used by location and in_work
  mailbox          TEXT NOT NULL,       -- name of the mailbox in the configuration
  name             TEXT NOT NULL,       -- name of the folder on the server
  role             TEXT NOT NULL CHECK (role IN ('inbox', 'sent', 'drafts', 'junk')), -- what it is for
  uidvalidity      INTEGER NOT NULL,    -- UIDVALIDITY for which the UIDs hold (RFC 3501 2.3.1.1); 0: not known yet
  uid_next         INTEGER NOT NULL,    -- the first UID not yet seen
  rescan_below     INTEGER NOT NULL,    -- messages with smaller UIDs were there before (first contact, new UIDVALIDITY)
  first_contact_at INTEGER NOT NULL,    -- when it was first seen: what lay there before is never answered
  imported         INTEGER NOT NULL DEFAULT 0 CHECK (imported IN (0, 1)), -- only an import looked into it: nobody watches it, and its role says nothing
  UNIQUE (mailbox, name)
) STRICT;

-- The written history: one logical message in or out.
CREATE TABLE exchange (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT, -- order of recording
  id           TEXT NOT NULL UNIQUE,  -- its id everywhere else
  mailbox      TEXT NOT NULL,         -- the mailbox that saw it first, or sends it
  direction    TEXT NOT NULL CHECK (direction IN ('in', 'out')), -- seen from the owner
  kind         TEXT NOT NULL,         -- mail, automatic (another program's), acknowledgement, holding, progress, ...
  written_by   TEXT NOT NULL CHECK (written_by IN ('other', 'owner', 'machine')), -- owner: by hand, team included; machine: this program or one like it
  key          TEXT UNIQUE,           -- identity of a seen message across folders and mailboxes (rule B6); NULL for mails made here
  message_id   TEXT,                  -- Message-ID with angle brackets
  conversation TEXT NOT NULL,         -- id of the conversation's first exchange
  client       TEXT,                  -- key of the client in the configuration; of a mail to several, the first one
  from_address TEXT,                  -- author as written
  from_folded  TEXT,                  -- author, folded
  from_domain  TEXT,                  -- author's organisational domain
  to_address   TEXT,                  -- first recipient
  subject      TEXT NOT NULL,         -- decoded and cleaned
  base_subject TEXT NOT NULL,         -- without reply and forward prefixes, lower case
  at           INTEGER NOT NULL,      -- arrival (INTERNALDATE) or sending
  recorded_at  INTEGER NOT NULL,      -- when this row was written
  verdict      TEXT CHECK (verdict IN ('acknowledge', 'wait', 'hold', 'ignore', 'own')), -- NULL for outgoing mail
  size         INTEGER NOT NULL,      -- octets of the whole message
  excerpt      TEXT NOT NULL,         -- beginning of the text
  body_hash    INTEGER,               -- FNV-1a of the normalised text (rule 55); NULL without text
  answered     INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1)) -- the server showed \Answered
) STRICT;
CREATE INDEX exchange_message_id ON exchange (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX exchange_conversation ON exchange (conversation);
CREATE INDEX exchange_owner_wrote ON exchange (conversation, at) WHERE written_by = 'owner';
CREATE INDEX exchange_client ON exchange (client, at) WHERE client IS NOT NULL;
CREATE INDEX exchange_recorded ON exchange (recorded_at);
CREATE INDEX exchange_body ON exchange (from_domain, body_hash, at) WHERE body_hash IS NOT NULL AND direction = 'in';

-- The further clients of a mail that went to several.
CREATE TABLE concerns (
  client   TEXT NOT NULL,    -- key of the client in the configuration
  exchange INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, -- the mail
  PRIMARY KEY (client, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX concerns_exchange ON concerns (exchange);

-- Which messages an exchange answers; kept for ids that are not known (yet) too.
CREATE TABLE reference (
  message_id TEXT NOT NULL,    -- the message referred to
  exchange   INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, -- the message that refers
  direct     INTEGER NOT NULL CHECK (direct IN (0, 1)), -- 1: In-Reply-To, 0: References (kept for the owner's mail, and where an import found no message that is answered)
  PRIMARY KEY (message_id, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_exchange ON reference (exchange);

-- To whom the owner wrote by hand.
CREATE TABLE recipient (
  folded   TEXT NOT NULL,     -- the address, folded
  exchange INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, -- the owner's mail
  PRIMARY KEY (folded, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_exchange ON recipient (exchange);

-- Where on the servers an exchange lies; several places for one logical message (rule B7).
CREATE TABLE location (
  folder      INTEGER NOT NULL REFERENCES folder (id),   -- the folder
  uidvalidity INTEGER NOT NULL,                          -- its UIDVALIDITY then
  uid         INTEGER NOT NULL,                          -- the UID
  exchange    INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, -- the message
  PRIMARY KEY (folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_exchange ON location (exchange);

-- The bytes as they came, compressed.
CREATE TABLE raw (
  exchange INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE, -- whose
  whole    INTEGER NOT NULL CHECK (whole IN (0, 1)), -- 0: only the beginning was kept
  bytes    BLOB NOT NULL      -- zlib (RFC 1950)
) STRICT;

-- What the rules said about an incoming message, and why.
CREATE TABLE decision (
  exchange     INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE, -- the message
  reasons      TEXT NOT NULL, -- JSON: [{"code", "evidence"}], in the order of checking
  send_at      INTEGER,       -- plan: when the acknowledgement was to go out; NULL without a plan
  window_start INTEGER,       -- plan: the promised window
  window_end   INTEGER,       -- plan: its end
  window_zone  TEXT,          -- plan: where the owner is then (IANA name)
  by_at        INTEGER,       -- plan: the promise
  announced    INTEGER CHECK (announced IN (0, 1)) -- plan: whether the client was to be told
) STRICT;

-- "You have an answer by T."
CREATE TABLE promise (
  id           TEXT NOT NULL PRIMARY KEY, -- its id
  exchange     INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, -- the client's message
  client       TEXT NOT NULL,  -- to whom
  to_folded    TEXT,           -- their address, folded
  mailbox      TEXT NOT NULL,  -- in which mailbox
  conversation TEXT NOT NULL,  -- the conversation
  state        TEXT NOT NULL CHECK (state IN ('open', 'kept', 'renewed', 'lapsed', 'released')), -- where it stands
  by_at        INTEGER NOT NULL, -- the promised instant
  by_wall      TEXT NOT NULL,  -- the same as it was worded: YYYY-MM-DDTHH:MM:SS in zone
  zone         TEXT NOT NULL,  -- the zone of the wording (IANA name)
  made_at      INTEGER NOT NULL, -- when it was made
  announced    INTEGER NOT NULL CHECK (announced IN (0, 1)), -- whether the client was told
  renews       TEXT REFERENCES promise (id) ON DELETE SET NULL, -- the promise in whose place this one stands
  closed_at    INTEGER,        -- when it ended
  closed_by    TEXT            -- why: answered, flag, done, holding, time, unsent (waits for its holding reply), ...
) STRICT;
CREATE INDEX promise_open ON promise (by_at) WHERE state = 'open';
CREATE INDEX promise_open_client ON promise (client) WHERE state = 'open';
CREATE INDEX promise_open_address ON promise (to_folded) WHERE state = 'open';
CREATE INDEX promise_exchange ON promise (exchange);
CREATE INDEX promise_renews ON promise (renews) WHERE renews IS NOT NULL;
CREATE INDEX promise_told_ended ON promise (closed_at) WHERE announced = 1 AND closed_at IS NOT NULL;

-- The life of each promise: made, told, moved, ended.
CREATE TABLE promise_step (
  promise  TEXT NOT NULL REFERENCES promise (id) ON DELETE CASCADE, -- whose
  number   INTEGER NOT NULL, -- order of happening
  state    TEXT NOT NULL CHECK (state IN ('open', 'kept', 'renewed', 'lapsed', 'released')), -- where it stands from then on
  cause    TEXT NOT NULL,    -- why: made, told, answered, team, draft, flag, done, holding, time, late, tz, calendar, ...
  by_at    INTEGER NOT NULL, -- the promised instant from then on
  exchange TEXT,             -- id of the mail that caused it
  at       INTEGER NOT NULL, -- when
  PRIMARY KEY (promise, number)
) STRICT, WITHOUT ROWID;

-- Mails recorded before they are sent.
CREATE TABLE outbox (
  exchange            INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE, -- the outgoing message
  answers             INTEGER REFERENCES exchange (seq) ON DELETE SET NULL, -- the message that it answers
  promise             TEXT REFERENCES promise (id) ON DELETE SET NULL, -- the promise that it states
  mailbox             TEXT NOT NULL,    -- which mailbox sends it
  conversation        TEXT NOT NULL,    -- the conversation
  kind                TEXT NOT NULL,    -- acknowledgement, holding, digest, ...
  automatic           INTEGER NOT NULL CHECK (automatic IN (0, 1)), -- leaves without a human: counts for the limits
  route               TEXT NOT NULL CHECK (route IN ('send', 'draft', 'observe')), -- by SMTP, into Drafts, or nowhere
  state               TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'dot_sent', 'sent', 'unknown', 'failed', 'dropped', 'observed', 'drafted')), -- dot_sent: just before the final dot
  not_before          INTEGER NOT NULL, -- earliest sending
  next_attempt        INTEGER NOT NULL, -- next try while queued
  attempts            INTEGER NOT NULL, -- tries begun
  lease_until         INTEGER,          -- while sending: when the claim ends
  envelope_from       TEXT,             -- MAIL FROM; NULL for the null sender
  envelope_to         TEXT NOT NULL,    -- RCPT TO
  to_folded           TEXT NOT NULL,    -- the recipient, folded
  to_domain           TEXT NOT NULL,    -- the recipient's organisational domain
  bytes               BLOB NOT NULL,    -- the mail, frozen: every try sends the same
  provider_message_id TEXT,             -- Message-ID that the provider put in the place of ours
  fuseau_id           TEXT NOT NULL,    -- X-Fuseau-Id
  dedupe_key          TEXT NOT NULL UNIQUE, -- one mail per key, ever
  last_reply          TEXT,             -- the server's last words, or why it was dropped
  sent_copy           TEXT NOT NULL CHECK (sent_copy IN ('none', 'wanted', 'present', 'appended', 'unneeded', 'failed')), -- the copy in Sent
  created_at          INTEGER NOT NULL, -- when it was made: the intent that the limits count (rule 58)
  finished_at         INTEGER,          -- when it reached its last state; NULL: queued, sending or dot_sent
  window_start        INTEGER,          -- the window that it promises
  window_end          INTEGER,          -- its end
  window_zone         TEXT,             -- where the owner is then
  held_until          INTEGER,          -- the owner holds it back until then
  hurried             INTEGER NOT NULL DEFAULT 0 CHECK (hurried IN (0, 1)), -- the owner wants it sent at once
  wording             INTEGER NOT NULL DEFAULT 0, -- which of the wordings of its kind it has
  counted             INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1)) -- 0: it was dropped, and counts for no limit
) STRICT;
CREATE INDEX outbox_copy ON outbox (mailbox) WHERE sent_copy = 'wanted';
CREATE INDEX outbox_provider ON outbox (provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX outbox_answers ON outbox (answers) WHERE answers IS NOT NULL;
CREATE INDEX outbox_promise ON outbox (promise) WHERE promise IS NOT NULL;
CREATE INDEX outbox_drafted ON outbox (mailbox) WHERE state = 'drafted';
CREATE INDEX outbox_withdrawn ON outbox (finished_at) WHERE state = 'dropped' AND last_reply = 'withdrawn';
CREATE INDEX outbox_open ON outbox (mailbox, next_attempt) WHERE finished_at IS NULL;
CREATE INDEX outbox_unknown ON outbox (mailbox) WHERE state = 'unknown';
CREATE INDEX outbox_made ON outbox (created_at, mailbox) WHERE automatic = 1 AND counted = 1;
CREATE INDEX outbox_to ON outbox (to_folded, created_at) WHERE automatic = 1 AND counted = 1;
CREATE INDEX outbox_domain ON outbox (to_domain, created_at) WHERE automatic = 1 AND counted = 1;

-- The further promises of a mail that renews several at once; the first one stands in its own row.
CREATE TABLE stated_too (
  promise TEXT NOT NULL REFERENCES promise (id) ON DELETE CASCADE, -- the promise
  mail    INTEGER NOT NULL REFERENCES outbox (exchange) ON DELETE CASCADE, -- the mail
  PRIMARY KEY (promise, mail)
) STRICT, WITHOUT ROWID;
CREATE INDEX stated_too_mail ON stated_too (mail);

-- Every promise that a mail states.
CREATE VIEW stated (promise, mail) AS
  SELECT promise, exchange FROM outbox WHERE promise IS NOT NULL
  UNION ALL
  SELECT promise, mail FROM stated_too;

-- Automatic mail that rests.
CREATE TABLE pause (
  scope    TEXT NOT NULL PRIMARY KEY, -- all, mailbox:NAME, domain:DOMAIN, sender:FOLDED or conversation:ID
  until_at INTEGER NOT NULL,          -- until when
  code     TEXT NOT NULL,             -- the reason code that asked for it, or cli
  made_at  INTEGER NOT NULL           -- since when
) STRICT, WITHOUT ROWID;

-- Addresses that bounced for good (rule 56).
CREATE TABLE bounce (
  folded TEXT NOT NULL PRIMARY KEY, -- the address, folded
  at     INTEGER NOT NULL           -- the last time
) STRICT, WITHOUT ROWID;

-- Messages being read right now: one that is still here at the next start killed the program.
CREATE TABLE in_work (
  folder      INTEGER NOT NULL REFERENCES folder (id), -- the folder
  uidvalidity INTEGER NOT NULL, -- its UIDVALIDITY
  uid         INTEGER NOT NULL, -- the UID
  deaths      INTEGER NOT NULL, -- how often reading it was begun and never finished
  noted_at    INTEGER NOT NULL, -- when reading began
  PRIMARY KEY (folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;

-- The chain of seals (docs/decisions/0011): one row for each entry whose bytes are final, in the order of sealing.
-- It stays when the entry is erased, so that the chain can still be checked.
CREATE TABLE seal (
  number   INTEGER PRIMARY KEY,     -- place in the chain, from 1
  exchange INTEGER NOT NULL UNIQUE, -- the entry's seq, which is never used again
  content  BLOB NOT NULL,           -- SHA-256 of the entry's record
  chain    BLOB NOT NULL            -- SHA-256 of the chain value before (32 zero bytes at first) and of content
) STRICT;

-- Entries that the sealing has passed by because their mail may still change: on its way, in doubt, refused, or a draft.
CREATE TABLE unsealed (
  exchange INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE -- the entry
) STRICT;

-- How far `fuseau import` came in each source.
CREATE TABLE import_source (
  source   TEXT NOT NULL PRIMARY KEY, -- a path, or a mailbox and its folder
  scope    TEXT NOT NULL,             -- hash of what was to be taken: options and clients; another scope starts over
  part     TEXT NOT NULL,             -- the file within a folder of files, or UIDVALIDITY
  position INTEGER NOT NULL,          -- octets read of it, or the next UID
  at       INTEGER NOT NULL           -- when that was
) STRICT, WITHOUT ROWID;

-- What the owner is to hear with the next digest.
CREATE TABLE notice (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- order of happening
  code     TEXT NOT NULL, -- what happened: a code of model/notice.rs
  mailbox  TEXT,          -- in which mailbox
  client   TEXT,          -- which client it is about
  exchange TEXT,          -- id of the exchange that it is about
  detail   TEXT NOT NULL, -- JSON object: the values of its wording
  once     TEXT UNIQUE,   -- one notice per key, ever; NULL: no such limit
  at       INTEGER NOT NULL, -- when it happened
  told_at  INTEGER        -- when a digest told it
) STRICT;
CREATE INDEX notice_untold ON notice (seq) WHERE told_at IS NULL;
CREATE INDEX notice_told ON notice (told_at) WHERE told_at IS NOT NULL;

-- Urgent mail of which the owner is told at once by the hook: run once for each, never twice.
CREATE TABLE alert (
  exchange INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE, -- the urgent message
  mailbox  TEXT NOT NULL,    -- in which mailbox
  client   TEXT NOT NULL,    -- whose
  evidence TEXT NOT NULL,    -- what marked it as urgent
  state    TEXT NOT NULL CHECK (state IN ('due', 'running', 'done', 'failed')), -- running is written before the hook starts
  made_at  INTEGER NOT NULL, -- when the message was recorded
  ended_at INTEGER,          -- when the hook ended
  said     TEXT              -- why it failed
) STRICT;
CREATE INDEX alert_open ON alert (mailbox) WHERE state IN ('due', 'running');
CREATE INDEX alert_made ON alert (made_at, client);
-- Addresses that never get automatic mail again, until the owner takes it back.
CREATE TABLE never (
  folded  TEXT NOT NULL PRIMARY KEY, -- the address, folded
  address TEXT NOT NULL,    -- as it was written
  made_by TEXT NOT NULL,    -- folder (a message was moved) or cli
  made_at INTEGER NOT NULL  -- since when
) STRICT, WITHOUT ROWID;

-- Drafts that the owner handed over to be sent.
CREATE TABLE handed (
  exchange    INTEGER PRIMARY KEY REFERENCES exchange (seq) ON DELETE CASCADE, -- the mail in the outbox
  mailbox     TEXT NOT NULL,    -- the mailbox
  folder      TEXT NOT NULL,    -- the folder in which the draft lies
  uidvalidity INTEGER NOT NULL, -- its UIDVALIDITY
  uid         INTEGER NOT NULL, -- the draft's UID
  draft_key   TEXT NOT NULL,    -- identity of the draft (rule B6)
  draft_id    TEXT,             -- its Message-ID
  wish        TEXT NOT NULL CHECK (wish IN ('their-morning', 'send-now')), -- when it is to go
  adopted     INTEGER NOT NULL CHECK (adopted IN (0, 1)), -- the draft was one of ours that waited in Drafts
  settled_at  INTEGER           -- when the draft had been removed or put back
) STRICT;
CREATE INDEX handed_open ON handed (mailbox) WHERE settled_at IS NULL;
CREATE INDEX handed_draft ON handed (draft_key);

-- Every recipient of a mail with more than one.
CREATE TABLE outbox_recipient (
  exchange INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE, -- the mail in the outbox
  address  TEXT NOT NULL, -- RCPT TO
  PRIMARY KEY (exchange, address)
) STRICT, WITHOUT ROWID;

-- Steps on the ladder of trust; the last one of a scope counts, as long as the configuration says what it said then.
CREATE TABLE trust (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- order of happening
  scope   TEXT NOT NULL,    -- mailbox:NAME or client:KEY
  rung    TEXT CHECK (rung IN ('observe', 'draft', 'send')), -- from then on; NULL: as the configuration says
  was     TEXT NOT NULL CHECK (was IN ('observe', 'draft', 'send')), -- the rung before
  cause   TEXT NOT NULL CHECK (cause IN ('owner', 'file', 'fall')), -- fuseau trust; the line in the file changed; anomalies
  why     TEXT NOT NULL,    -- JSON: [{"code", "count"}], the anomalies of a fall
  written TEXT CHECK (written IN ('observe', 'draft', 'send')), -- what the configuration said then; NULL: nothing
  at      INTEGER NOT NULL  -- when
) STRICT;
CREATE INDEX trust_scope ON trust (scope, seq);

-- Signs against trust that nothing else records; forgotten after a month.
CREATE TABLE sign (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- order of happening
  mailbox  TEXT NOT NULL,    -- in which mailbox
  client   TEXT,             -- whose mail it was about
  code     TEXT NOT NULL CHECK (code IN ('complaint', 'renumbered')), -- what was seen
  exchange TEXT UNIQUE,      -- id of the message that brought it; NULL: none did
  at       INTEGER NOT NULL  -- when
) STRICT;
CREATE INDEX sign_at ON sign (at);
-- Short notes of the owner on projects, the raw material of progress updates.
CREATE TABLE journal (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- order of writing
  id      TEXT NOT NULL UNIQUE, -- its id
  project TEXT NOT NULL,    -- key of the project in the configuration
  client  TEXT NOT NULL,    -- key of its client
  at      INTEGER NOT NULL, -- when it was so
  text    TEXT NOT NULL,    -- the owner's words, cleaned
  source  TEXT NOT NULL CHECK (source IN ('cli', 'mail', 'folder')), -- `fuseau note`, a mail to oneself, a message that was moved
  once    TEXT UNIQUE       -- identity of the mail that it was made from; NULL for the command line
) STRICT;
CREATE INDEX journal_project ON journal (project, at);
CREATE INDEX journal_client ON journal (client);

-- Occasions for which a draft was made (docs/decisions/0017): one draft for each, ever.
CREATE TABLE occasion (
  key      TEXT NOT NULL PRIMARY KEY, -- the occasion in the world: progress:relaunch:2027-01-14
  kind     TEXT NOT NULL,    -- what it is: progress, follow-up, ...
  client   TEXT NOT NULL,    -- key of the client
  project  TEXT,             -- key of the project
  mail     INTEGER REFERENCES exchange (seq) ON DELETE SET NULL, -- its newest mail in the outbox
  state    TEXT NOT NULL CHECK (state IN ('waiting', 'touched', 'sent', 'deleted', 'withdrawn', 'expired')), -- where it stands
  asked    INTEGER NOT NULL CHECK (asked IN (0, 1)), -- the owner asked for it
  print    TEXT NOT NULL,    -- what it says, to be compared
  why      TEXT NOT NULL,    -- JSON: codes of the reasons
  replaced BLOB,             -- while it is being replaced: the bytes that lie in Drafts
  removing INTEGER NOT NULL DEFAULT 0 CHECK (removing IN (0, 1)), -- we began to remove the draft: that it is gone is our doing
  dropped  INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1)), -- the owner wants it gone (`fuseau drafts drop`)
  made_at  INTEGER NOT NULL, -- when it was first made
  ended_at INTEGER,          -- when it ended
  again    INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)), -- it was withdrawn before, by us
  uidvalidity INTEGER,       -- where Drafts stood just before its draft was put there, until that is known to be done
  uid_next INTEGER           -- the same: the next UID
) STRICT, WITHOUT ROWID;
CREATE INDEX occasion_mail ON occasion (mail) WHERE mail IS NOT NULL;
CREATE INDEX occasion_made ON occasion (made_at);
CREATE INDEX occasion_client ON occasion (client);
CREATE INDEX occasion_open ON occasion (made_at) WHERE state IN ('waiting', 'touched');

-- Meeting times that were offered to clients (docs/decisions/0018); the answers are read from the history.
CREATE TABLE offer (
  key     TEXT NOT NULL PRIMARY KEY, -- key of its draft's occasion: slots:acme:2027-01-14
  client  TEXT NOT NULL,    -- key of the client
  about   TEXT,             -- what it is about, in the owner's words
  slots   TEXT NOT NULL,    -- JSON: [[start, end], ...] in milliseconds, in the order of their numbers
  state   TEXT NOT NULL CHECK (state IN ('drafted', 'open', 'chosen', 'declined', 'expired', 'dropped')), -- where it stands
  chosen  INTEGER,          -- number of the chosen time, from 1
  made_at INTEGER NOT NULL, -- when it was made
  since   INTEGER NOT NULL, -- since when it stands where it stands
  expires INTEGER NOT NULL  -- until when the client may choose
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_made ON offer (made_at);
CREATE INDEX offer_client ON offer (client);

-- Meetings that took place (`fuseau visit done`).
CREATE TABLE visit (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT, -- order of writing
  id       TEXT NOT NULL UNIQUE, -- its id
  client   TEXT NOT NULL,    -- key of the client
  day      TEXT NOT NULL,    -- the civil date, YYYY-MM-DD
  noted_at INTEGER NOT NULL, -- when it was noted
  text     TEXT NOT NULL     -- what came up, the owner's words, cleaned
) STRICT;
CREATE INDEX visit_client ON visit (client, day);
