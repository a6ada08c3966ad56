CREATE TABLE promise_step (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  promise  TEXT NOT NULL REFERENCES promise (id) ON DELETE CASCADE,
  state    TEXT NOT NULL CHECK (state IN ('open', 'kept', 'renewed', 'lapsed', 'released')),
  cause    TEXT NOT NULL,
  by_at    INTEGER NOT NULL,
  exchange TEXT,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX promise_step_promise ON promise_step (promise);
CREATE INDEX outbox_drafted ON outbox (mailbox) WHERE state = 'drafted';
INSERT INTO promise_step (promise, state, cause, by_at, at) SELECT id, 'open', 'made', by_at, made_at FROM promise ORDER BY made_at, id;
INSERT INTO promise_step (promise, state, cause, by_at, at)
  SELECT id, state, coalesce(closed_by, state), by_at, closed_at FROM promise
  WHERE closed_at IS NOT NULL AND closed_by IS NOT 'unsent' ORDER BY closed_at, id;
