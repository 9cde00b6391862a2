-- What happened is data (domain::activity::Event), with the ids of what it is about; what names somebody lies beside it,
-- so that it can be erased and the event stays.
CREATE TABLE activity_particulars (
    activity_id TEXT PRIMARY KEY REFERENCES activity (id) ON DELETE CASCADE,
    actor_label TEXT NOT NULL,           -- an address, also one that was only typed
    subject TEXT NOT NULL,               -- the name of a document, a person's address
    address TEXT NOT NULL,               -- on the network
    remark TEXT NOT NULL,                -- in the words of somebody else; all that rows of before have to add
    search TEXT NOT NULL                 -- names and addresses, folded, a line each
);
INSERT INTO activity_particulars (activity_id, actor_label, subject, address, remark, search)
SELECT id, actor_label, subject, address, detail, search FROM activity;
ALTER TABLE activity DROP COLUMN actor_label;
ALTER TABLE activity DROP COLUMN subject;
ALTER TABLE activity DROP COLUMN address;
ALTER TABLE activity DROP COLUMN detail;
ALTER TABLE activity DROP COLUMN search;

ALTER TABLE activity ADD COLUMN event TEXT;          -- canonical JSON; NULL in rows of before
ALTER TABLE activity ADD COLUMN account_id TEXT;     -- to whom it was done
ALTER TABLE activity ADD COLUMN document_id TEXT;
ALTER TABLE activity ADD COLUMN version_id TEXT;
ALTER TABLE activity ADD COLUMN delivery_id TEXT;
CREATE INDEX activity_by_document ON activity (document_id, at, id) WHERE document_id IS NOT NULL;
CREATE INDEX activity_by_account ON activity (account_id, at, id) WHERE account_id IS NOT NULL;
CREATE INDEX activity_by_actor ON activity (actor_id, at, id) WHERE actor_id IS NOT NULL;
