-- Portable between SQLite and PostgreSQL: only TEXT and BIGINT columns, times in epoch
-- milliseconds, booleans 0/1, ids as UUIDv7 text, bytes in base64. See docs/database.md.

-- People -----------------------------------------------------------------------------------

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,          -- canonical (domain::Email)
    name TEXT NOT NULL,
    role TEXT NOT NULL,                  -- domain::Role
    password_hash TEXT NOT NULL,         -- argon2id, PHC string
    link_epoch BIGINT NOT NULL,          -- "revoke all links" counts it up
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX accounts_by_role ON accounts (role, created_at, id);

-- A sign-up is not an account: the address has to be verified first, so an address that
-- was never verified reserves nothing and blocks nobody.
CREATE TABLE sign_ups (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,    -- of the link in the mail
    code_hash TEXT NOT NULL,             -- of the six digits in the mail, keyed
    code_attempts BIGINT NOT NULL,
    mailed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    verified_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX sign_ups_by_email ON sign_ups (email, created_at);
CREATE INDEX sign_ups_by_expiry ON sign_ups (expires_at);

-- Single-use secrets of mails and terminals, hashed.
CREATE TABLE password_resets (
    secret_hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX password_resets_by_account ON password_resets (account_id);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    email TEXT,                          -- NULL: the set-up link of the first start
    invited_by TEXT REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX invitations_open ON invitations (used_at, created_at);

-- Sessions and tokens ------------------------------------------------------------------------

CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY,            -- SHA-256 of the cookie's id
    handle TEXT NOT NULL UNIQUE,         -- how its owner names it
    account_id TEXT REFERENCES accounts (id),
    data TEXT NOT NULL,                  -- JSON
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL           -- absolute
);
CREATE INDEX sessions_by_account ON sessions (account_id, created_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    secret_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX api_tokens_by_account ON api_tokens (account_id, created_at);

-- Failures per key; survives restarts and is shared by every instance.
CREATE TABLE throttles (
    key TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_failure_at BIGINT NOT NULL,
    open_at BIGINT NOT NULL              -- no attempt counts before this moment
);
CREATE INDEX throttles_by_age ON throttles (last_failure_at);

-- Where an account has signed in from before: strangers' failures do not slow these down.
CREATE TABLE known_addresses (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    address TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, address)
);

-- Documents ----------------------------------------------------------------------------------

CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,           -- lower-cased, for search and sort
    kind TEXT NOT NULL,                  -- domain::DocumentKind
    size BIGINT NOT NULL,                -- of the current version
    current_version TEXT NOT NULL,       -- document_versions.id
    uploaded_at BIGINT NOT NULL,         -- of the current version
    deleted_at BIGINT
);
-- One index per order, once for all kinds and once for one kind. Each carries the name, so that a search
-- reads the index alone.
CREATE INDEX documents_by_time ON documents (uploaded_at, id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_name ON documents (name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_size ON documents (size, id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_kind_time ON documents (kind, uploaded_at, id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_kind_name ON documents (kind, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_kind_size ON documents (kind, size, id, name_folded) WHERE deleted_at IS NULL;

CREATE TABLE document_versions (
    id TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id),
    number BIGINT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,                -- of the plain bytes, hexadecimal
    key_id TEXT NOT NULL,                -- the master key that wrapped the file key
    wrapped_key TEXT,                    -- NULL once destroyed: then the blob is noise
    findings TEXT NOT NULL,              -- JSON, what the inspection flagged
    uploaded_by TEXT NOT NULL REFERENCES accounts (id),
    uploaded_at BIGINT NOT NULL,
    UNIQUE (document_id, number)
);

-- Who a document is for.
CREATE TABLE audiences (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,                  -- everyone (people and organisations follow)
    UNIQUE (kind)
);
INSERT INTO audiences (id, kind) VALUES ('everyone', 'everyone');

CREATE TABLE document_audiences (
    document_id TEXT NOT NULL REFERENCES documents (id),
    audience_id TEXT NOT NULL REFERENCES audiences (id),
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (document_id, audience_id)
);

-- An upload in progress claims its blob, so that the sweep leaves it alone.
CREATE TABLE uploads (
    version_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    claimed_until BIGINT NOT NULL
);

-- Bytes sent, one row a request, so that resumed downloads add up.
CREATE TABLE downloads (
    id TEXT PRIMARY KEY,
    link_id TEXT NOT NULL,               -- jti of the token
    account_id TEXT NOT NULL REFERENCES accounts (id),
    version_id TEXT NOT NULL REFERENCES document_versions (id),
    first_byte BIGINT NOT NULL,
    next_byte BIGINT NOT NULL,           -- one past the last byte sent
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX downloads_by_reader ON downloads (account_id, version_id);

-- Who has collected what, whole.
CREATE TABLE collections (
    version_id TEXT NOT NULL REFERENCES document_versions (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    collected_at BIGINT NOT NULL,
    PRIMARY KEY (version_id, account_id)
);

-- Jobs ---------------------------------------------------------------------------------------

CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,     -- the same on every attempt
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    state TEXT NOT NULL,                 -- queued, sent, dead
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,             -- also the claim of the worker that is sending it
    last_error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX mails_due ON mails (state, next_at);

-- Blobs to remove after the row that named them is gone.
CREATE TABLE purges (
    version_id TEXT PRIMARY KEY,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL
);

-- Activity -----------------------------------------------------------------------------------

CREATE TABLE activity (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,                -- domain::activity::Action
    actor_id TEXT,
    actor_label TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX activity_by_time ON activity (at, id);
CREATE INDEX activity_by_action ON activity (action, at, id);
