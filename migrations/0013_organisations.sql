-- Client companies, to which several people belong; a person belongs to one or none.
CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,    -- so that no two are taken for each other
    name_sort TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX organisations_by_name ON organisations (name_sort, id);

ALTER TABLE accounts ADD COLUMN organisation_id TEXT REFERENCES organisations (id);
ALTER TABLE accounts ADD COLUMN member_since BIGINT;             -- of that organisation
CREATE INDEX accounts_by_organisation ON accounts (organisation_id, name_sort, id);

-- Of an organisation: whoever belongs to it, or only who did so at this moment.
ALTER TABLE delivery_audiences ADD COLUMN members_of BIGINT;

DROP VIEW delivered;
CREATE VIEW delivered AS
SELECT d.id AS delivery_id, o.document_id, a.audience, a.members_of, d.from_at, d.until_at
FROM deliveries d
JOIN delivery_documents o ON o.delivery_id = d.id
JOIN delivery_audiences a ON a.delivery_id = d.id
WHERE d.revoked_at IS NULL;

ALTER TABLE grants ADD COLUMN members_of BIGINT;
DROP INDEX grants_by_document;
CREATE INDEX grants_by_document ON grants (document_id, audience, members_of, from_at, until_at, delivery_id);
-- What one audience was given: for lists of people who have been given little.
CREATE INDEX grants_by_audience ON grants (audience, document_id);

ALTER TABLE deliveries ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_by_time ON deliveries (sent_at, id);
