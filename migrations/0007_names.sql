-- What names are searched and sorted by (docs/adr/0007). Neither engine can work it out; `backend::naming` does, for
-- the rows that are there already right after the migrations.
CREATE TABLE backfills (
    name TEXT PRIMARY KEY,
    version BIGINT NOT NULL              -- of what worked the rows out
);

ALTER TABLE documents ADD COLUMN name_sort TEXT NOT NULL DEFAULT '';
DROP INDEX documents_by_name;
DROP INDEX documents_by_kind_name;
CREATE INDEX documents_by_name ON documents (name_sort, id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_kind_name ON documents (kind, name_sort, id, name_folded) WHERE deleted_at IS NULL;

-- Names and addresses, folded, a line each.
ALTER TABLE activity ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE activity SET search = LOWER(actor_label) || '
' || LOWER(subject);
ALTER TABLE accounts ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN name_sort TEXT NOT NULL DEFAULT '';
CREATE INDEX accounts_by_name ON accounts (name_sort, id);

-- When the holder signed in last.
ALTER TABLE accounts ADD COLUMN signed_in_at BIGINT;
UPDATE accounts SET signed_in_at = (SELECT MAX(seen_at) FROM known_addresses WHERE account_id = accounts.id);
