-- Who has access is decided by deliveries (docs/adr/0015): documents given to audiences, on terms.
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    sender_id TEXT NOT NULL REFERENCES accounts (id),
    sent_at BIGINT NOT NULL,
    from_at BIGINT,                      -- NULL: at once
    until_at BIGINT,                     -- NULL: without an end
    revoked_at BIGINT
);

CREATE TABLE delivery_documents (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    document_id TEXT NOT NULL REFERENCES documents (id),
    PRIMARY KEY (delivery_id, document_id)
);
CREATE INDEX delivery_documents_by_document ON delivery_documents (document_id, delivery_id);

CREATE TABLE delivery_audiences (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    audience TEXT NOT NULL,              -- domain::delivery::Audience
    PRIMARY KEY (delivery_id, audience)
);

-- What deliveries give to whom, and when. Revoked ones give nothing.
CREATE VIEW delivered AS
SELECT d.id AS delivery_id, o.document_id, a.audience, d.from_at, d.until_at
FROM deliveries d
JOIN delivery_documents o ON o.delivery_id = d.id
JOIN delivery_audiences a ON a.delivery_id = d.id
WHERE d.revoked_at IS NULL;

-- The rows of that view, written with every change of a delivery: a list asks for each of its rows, which three tables
-- would make half as slow again.
CREATE TABLE grants (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    document_id TEXT NOT NULL REFERENCES documents (id),
    audience TEXT NOT NULL,
    from_at BIGINT,
    until_at BIGINT,
    PRIMARY KEY (delivery_id, document_id, audience)
);
-- All that is asked of a grant, so that only the index is read.
CREATE INDEX grants_by_document ON grants (document_id, audience, from_at, until_at, delivery_id);

-- What was deposited before was given to its audience by depositing it: that delivery bears the id of its document.
INSERT INTO deliveries (id, sender_id, sent_at)
SELECT d.id, v.uploaded_by, MIN(a.granted_at) FROM document_audiences a
JOIN documents d ON d.id = a.document_id
JOIN document_versions v ON v.id = d.current_version
GROUP BY d.id, v.uploaded_by;
INSERT INTO delivery_documents (delivery_id, document_id) SELECT id, id FROM deliveries;
INSERT INTO delivery_audiences (delivery_id, audience)
SELECT d.id, g.kind FROM deliveries d
JOIN document_audiences a ON a.document_id = d.id
JOIN audiences g ON g.id = a.audience_id;
INSERT INTO grants (delivery_id, document_id, audience, from_at, until_at)
SELECT delivery_id, document_id, audience, from_at, until_at FROM delivered;
DROP TABLE document_audiences;
DROP TABLE audiences;

-- By which delivery; NULL where the role gave it, and in rows of before.
ALTER TABLE handovers ADD COLUMN delivery_id TEXT REFERENCES deliveries (id);
