-- Forgetting a client walks their journal. Never change this file; add the next step instead.
CREATE INDEX journal_client ON journal (client);
