CREATE INDEX notice_told ON notice (told_at) WHERE told_at IS NOT NULL;
