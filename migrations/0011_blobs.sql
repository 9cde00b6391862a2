-- Every blob has an id and a row. What a blob is for is said by what names it: a version, or an upload.
CREATE TABLE blobs (
    id TEXT PRIMARY KEY,                 -- where it lies, and the context under which it is sealed
    holds TEXT NOT NULL,                 -- storage::Holds
    state TEXT NOT NULL,                 -- storage::State
    upload_id TEXT,                      -- whose it is while it is claimed
    first_byte BIGINT,                   -- where a part begins in its upload
    size BIGINT,                         -- of the plaintext; NULL until it is whole
    sealed_size BIGINT,
    since BIGINT NOT NULL                -- it is in this state
);
CREATE INDEX blobs_by_upload ON blobs (upload_id) WHERE upload_id IS NOT NULL;
CREATE INDEX blobs_by_state ON blobs (state, since) WHERE state <> 'kept';

-- Until now a blob was named by its version. Sealed: a header of 72 bytes, and 16 with each chunk of 64 KiB, the last of
-- which is never full.
INSERT INTO blobs (id, holds, state, size, sealed_size, since)
SELECT id, 'version', 'kept', size, 72 + size + 16 * (size / 65536 + 1), uploaded_at
FROM document_versions WHERE wrapped_key IS NOT NULL;
INSERT INTO blobs (id, holds, state, since) SELECT version_id, 'version', 'doomed', next_at FROM purges WHERE 1 = 1
ON CONFLICT (id) DO NOTHING;

-- The blob stays named here when it is gone: so a store can be known by what once lay in it.
ALTER TABLE document_versions ADD COLUMN blob_id TEXT;
UPDATE document_versions SET blob_id = id;
CREATE UNIQUE INDEX document_versions_by_blob ON document_versions (blob_id);

-- No upload of before goes on. What was sent of it is a stray, as is all that a row does not name.
INSERT INTO blobs (id, holds, state, since) SELECT version_id, 'part', 'stray', claimed_until FROM uploads WHERE 1 = 1
ON CONFLICT (id) DO NOTHING;
DROP TABLE uploads;

-- A file on its way in. What has arrived lies in parts, which are blobs of their own.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    length BIGINT,                       -- as declared
    received BIGINT NOT NULL,            -- bytes of the parts that are whole
    sha256 TEXT,                         -- once a single part has brought everything
    summary TEXT,                        -- what the sender's own inspection said, JSON
    key_id TEXT NOT NULL,                -- of the key of its parts
    wrapped_key TEXT NOT NULL,
    turn TEXT,                           -- of whoever may add to it: the part that is being written
    lasting BIGINT NOT NULL,             -- whether it outlives the request that brings it
    claimed_until BIGINT NOT NULL,       -- then it is given up
    created_at BIGINT NOT NULL
);
CREATE INDEX uploads_by_end ON uploads (claimed_until);
CREATE INDEX uploads_by_key ON uploads (key_id);
