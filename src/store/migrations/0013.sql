-- Where the Drafts folder stood just before a draft was put there. Never change this file; add the next step instead.
ALTER TABLE occasion ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1));
ALTER TABLE occasion ADD COLUMN uidvalidity INTEGER;
ALTER TABLE occasion ADD COLUMN uid_next INTEGER;
