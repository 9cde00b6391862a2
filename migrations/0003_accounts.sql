-- A session, a token and a sign-in that is under way hold for the credential epoch they were checked under. The epoch
-- is counted up whenever the account's credentials end: then none of them can outlive it.
ALTER TABLE accounts ADD COLUMN credential_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN credential_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_tokens ADD COLUMN credential_epoch BIGINT NOT NULL DEFAULT 0;

-- Browsers in which the owner of an account has signed in: strangers' failures do not slow these down.
CREATE TABLE known_devices (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    secret_hash TEXT NOT NULL,           -- of the device cookie
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, secret_hash)
);
CREATE INDEX known_devices_by_secret ON known_devices (secret_hash);
CREATE INDEX known_devices_by_age ON known_devices (seen_at);
CREATE INDEX known_addresses_by_age ON known_addresses (seen_at);

-- Links whose place a newer one has taken, so that they can say so.
CREATE TABLE replaced_links (
    secret_hash TEXT PRIMARY KEY,
    replaced_at BIGINT NOT NULL
);
CREATE INDEX replaced_links_by_age ON replaced_links (replaced_at);

-- Refusals that anybody can cause are folded: one row for many within an hour.
ALTER TABLE activity ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
ALTER TABLE activity ADD COLUMN last_at BIGINT;   -- NULL: the one at `at`

-- What is over is found by its age.
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
CREATE INDEX api_tokens_by_expiry ON api_tokens (expires_at);
CREATE INDEX sessions_by_use ON sessions (seen_at);
CREATE INDEX mails_by_age ON mails (created_at);
CREATE INDEX downloads_by_age ON downloads (started_at);
