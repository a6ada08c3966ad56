-- Every client of a mail to several; folders that only an import looked into. Never change this file; add the next step instead.
CREATE TABLE concerns (
  client   TEXT NOT NULL,
  exchange INTEGER NOT NULL REFERENCES exchange (seq) ON DELETE CASCADE,
  PRIMARY KEY (client, exchange)
) STRICT, WITHOUT ROWID;
CREATE INDEX concerns_exchange ON concerns (exchange);
ALTER TABLE folder ADD COLUMN imported INTEGER NOT NULL DEFAULT 0 CHECK (imported IN (0, 1));
