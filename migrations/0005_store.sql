-- Which portal this is. The store of blobs holds the same id, so that neither is ever taken for another's.
CREATE TABLE portal (
    the_only BIGINT PRIMARY KEY CHECK (the_only = 1),
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The master keys that this portal has worked with, so that one that is missing is noticed even before a row needs it.
CREATE TABLE portal_keys (
    id TEXT PRIMARY KEY,                 -- sealed::KeyId
    since BIGINT NOT NULL,
    retired_at BIGINT                    -- no row needs it any more
);

-- 1: the wrapped key is bound to version and length; 2: to document and SHA-256 as well. The wrapped key itself says
-- which it is and is believed; this only finds those of before.
ALTER TABLE document_versions ADD COLUMN key_format BIGINT NOT NULL DEFAULT 1;
CREATE INDEX document_versions_by_key ON document_versions (key_id, key_format);

-- Bytes of a version that went to an account, merged as they come: those that left (taken = 0), and those that its
-- connections have taken (taken = 1). They go once the whole was handed over.
CREATE TABLE download_ranges (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    version_id TEXT NOT NULL REFERENCES document_versions (id),
    taken BIGINT NOT NULL,
    first_byte BIGINT NOT NULL,
    next_byte BIGINT NOT NULL,           -- one past the last
    at BIGINT NOT NULL,
    PRIMARY KEY (account_id, version_id, taken, first_byte)
);
CREATE INDEX download_ranges_by_age ON download_ranges (at);

-- To whom a version was handed over: every byte of it was taken by connections of that account. Rows of before say no
-- more than that every byte was sent.
CREATE TABLE handovers (
    version_id TEXT NOT NULL REFERENCES document_versions (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    taken BIGINT NOT NULL,               -- 0: sent, as it was counted before this table
    at BIGINT NOT NULL,
    PRIMARY KEY (version_id, account_id)
);
INSERT INTO handovers (version_id, account_id, taken, at) SELECT version_id, account_id, 0, collected_at FROM collections;
DROP TABLE collections;

INSERT INTO download_ranges (account_id, version_id, taken, first_byte, next_byte, at)
    SELECT d.account_id, d.version_id, 0, d.first_byte, MAX(d.next_byte), MAX(d.started_at) FROM downloads d
    WHERE d.next_byte > d.first_byte AND NOT EXISTS
        (SELECT 1 FROM handovers h WHERE h.version_id = d.version_id AND h.account_id = d.account_id)
    GROUP BY d.account_id, d.version_id, d.first_byte;
DROP TABLE downloads;
