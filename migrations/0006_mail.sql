-- A mail keeps what it is and, sealed, what goes into it; it is put into words when it leaves. Afterwards nothing of
-- it is left but its kind.
ALTER TABLE mails ADD COLUMN kind TEXT NOT NULL DEFAULT 'written';        -- domain::mail::MailKind
ALTER TABLE mails ADD COLUMN cause TEXT NOT NULL DEFAULT 'known';         -- stranger, reset, known
ALTER TABLE mails ADD COLUMN network TEXT;                                -- whose request caused it; NULL when unknown
ALTER TABLE mails ADD COLUMN letter TEXT;                                 -- sealed, in base64; NULL once it is sent
ALTER TABLE mails ADD COLUMN key_id TEXT;                                 -- the master key behind the seal
ALTER TABLE mails ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0;     -- no other worker takes it before
ALTER TABLE mails ADD COLUMN queued_at BIGINT NOT NULL DEFAULT 0;         -- from then on it is tried
UPDATE mails SET queued_at = created_at;

-- The words of mails from before. What waits here is sealed by the next start, which has the keys.
CREATE TABLE written_mails (
    mail_id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL
);
INSERT INTO written_mails (mail_id, subject, text_body, html_body)
    SELECT id, subject, text_body, html_body FROM mails WHERE state <> 'sent';
-- PostgreSQL keeps the values of a dropped column until the row is written again.
UPDATE mails SET subject = '', text_body = '', html_body = '';
ALTER TABLE mails DROP COLUMN subject;
ALTER TABLE mails DROP COLUMN text_body;
ALTER TABLE mails DROP COLUMN html_body;

CREATE INDEX mails_by_time ON mails (created_at, id);
CREATE INDEX mails_by_state ON mails (state, created_at, id);
-- How much strangers have caused to be sent to one address.
CREATE INDEX mails_by_recipient ON mails (recipient, cause, created_at);

-- Whether the relay, which all mail leaves through, works: one row, shared by every instance.
CREATE TABLE mail_relay (
    id TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,            -- in a row; 0 while it works
    open_at BIGINT NOT NULL,             -- it is not asked before
    failing_since BIGINT,
    last_error TEXT                      -- in its own words
);
INSERT INTO mail_relay (id, failures, open_at) VALUES ('relay', 0, 0);
