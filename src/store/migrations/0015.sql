-- Fewer pages for each reply (docs/decisions/0029): indexes that a mail stays in while it goes from one state to the
-- next, and none that another one can stand in for. Never change this file; add the next step instead.

-- Open is what has not finished: from being queued to its end a mail stays where it is in the index.
UPDATE outbox SET finished_at = NULL WHERE state IN ('queued', 'sending', 'dot_sent', 'unknown')
  AND state <> 'unknown' AND finished_at IS NOT NULL;
DROP INDEX outbox_queued;
DROP INDEX outbox_sending;
DROP INDEX outbox_open;
CREATE INDEX outbox_open ON outbox (mailbox, next_attempt) WHERE finished_at IS NULL;
CREATE INDEX outbox_unknown ON outbox (mailbox) WHERE state = 'unknown';

-- What counts for the limits changes once at most, when the mail is dropped.
DROP INDEX outbox_made;
DROP INDEX outbox_to;
DROP INDEX outbox_domain;
ALTER TABLE outbox ADD COLUMN counted INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1));
UPDATE outbox SET counted = 0 WHERE state = 'dropped';
CREATE INDEX outbox_made ON outbox (created_at, mailbox) WHERE automatic = 1 AND counted = 1;
CREATE INDEX outbox_to ON outbox (to_folded, created_at) WHERE automatic = 1 AND counted = 1;
CREATE INDEX outbox_domain ON outbox (to_domain, created_at) WHERE automatic = 1 AND counted = 1;

-- A mark ends with the entry's id; mails and promises of a conversation are found by its entries.
DROP INDEX outbox_fuseau_id;
DROP INDEX outbox_conversation;
DROP INDEX promise_open_conversation;
DROP INDEX promise_conversation;

-- Only what came in is asked whether it says the same as before.
DROP INDEX exchange_body;
CREATE INDEX exchange_body ON exchange (from_domain, body_hash, at) WHERE body_hash IS NOT NULL AND direction = 'in';

-- The steps of a promise lie together.
CREATE TABLE step (
  promise  TEXT NOT NULL REFERENCES promise (id) ON DELETE CASCADE,
  number   INTEGER NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('open', 'kept', 'renewed', 'lapsed', 'released')),
  cause    TEXT NOT NULL,
  by_at    INTEGER NOT NULL,
  exchange TEXT,
  at       INTEGER NOT NULL,
  PRIMARY KEY (promise, number)
) STRICT, WITHOUT ROWID;
INSERT INTO step (promise, number, state, cause, by_at, exchange, at)
  SELECT promise, seq, state, cause, by_at, exchange, at FROM promise_step ORDER BY promise, seq;
DROP TABLE promise_step;
ALTER TABLE step RENAME TO promise_step;

-- The promise that a mail states stands in its own row; only those that it states besides need rows of their own.
CREATE TABLE stated_too (
  promise TEXT NOT NULL REFERENCES promise (id) ON DELETE CASCADE,
  mail    INTEGER NOT NULL REFERENCES outbox (exchange) ON DELETE CASCADE,
  PRIMARY KEY (promise, mail)
) STRICT, WITHOUT ROWID;
INSERT INTO stated_too (promise, mail)
  SELECT s.promise, s.mail FROM stated s JOIN outbox o ON o.exchange = s.mail WHERE o.promise IS NOT s.promise;
CREATE INDEX stated_too_mail ON stated_too (mail);
DROP TABLE stated;
CREATE VIEW stated (promise, mail) AS
  SELECT promise, exchange FROM outbox WHERE promise IS NOT NULL
  UNION ALL
  SELECT promise, mail FROM stated_too;
