ALTER TABLE outbox ADD COLUMN held_until INTEGER;
ALTER TABLE outbox ADD COLUMN hurried INTEGER NOT NULL DEFAULT 0 CHECK (hurried IN (0, 1));
ALTER TABLE outbox ADD COLUMN wording INTEGER NOT NULL DEFAULT 0;
CREATE TABLE stated (
  promise TEXT NOT NULL REFERENCES promise (id) ON DELETE CASCADE,
  mail    INTEGER NOT NULL REFERENCES outbox (exchange) ON DELETE CASCADE,
  PRIMARY KEY (promise, mail)
) STRICT, WITHOUT ROWID;
CREATE INDEX stated_mail ON stated (mail);
INSERT INTO stated (promise, mail) SELECT promise, exchange FROM outbox WHERE promise IS NOT NULL;
