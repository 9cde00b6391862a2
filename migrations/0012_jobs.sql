-- What goes on without anybody asking is a row here (docs/adr/0018), whatever it is.
CREATE TABLE jobs (
    kind TEXT NOT NULL,                  -- backend::jobs::Kind
    id TEXT NOT NULL,                    -- what it is about: of a kind, there is one job about a thing
    payload TEXT NOT NULL,               -- JSON: the rest of backend::jobs::Job
    attempts BIGINT NOT NULL,            -- that failed, by its own fault
    next_at BIGINT NOT NULL,             -- it is not begun before
    claim TEXT,                          -- of the worker that has it: only that one may say what became of it
    claimed_until BIGINT NOT NULL,       -- no other worker takes it before
    last_error TEXT,                     -- why it failed last
    created_at BIGINT NOT NULL,          -- from then on it is tried
    dead_at BIGINT,                      -- when it was given up
    PRIMARY KEY (kind, id)
);
CREATE INDEX jobs_due ON jobs (kind, next_at, id) WHERE dead_at IS NULL;
CREATE INDEX jobs_dead ON jobs (kind, id) WHERE dead_at IS NOT NULL;

-- A mail keeps what it is; when it is tried is its job's. A claim of before holds until it is over.
INSERT INTO jobs (kind, id, payload, attempts, next_at, claimed_until, last_error, created_at, dead_at)
SELECT 'deliver_mail', id, '{"mail":"' || id || '"}', attempts, next_at, claimed_until, last_error, queued_at,
       CASE WHEN state = 'dead' THEN queued_at END
FROM mails WHERE state IN ('queued', 'dead');
DROP INDEX mails_due;
ALTER TABLE mails DROP COLUMN attempts;
ALTER TABLE mails DROP COLUMN next_at;
ALTER TABLE mails DROP COLUMN claimed_until;
ALTER TABLE mails DROP COLUMN last_error;
ALTER TABLE mails DROP COLUMN queued_at;

INSERT INTO jobs (kind, id, payload, attempts, next_at, claimed_until, created_at)
SELECT 'purge', version_id, '{"blob":"' || version_id || '"}', attempts, next_at, 0, next_at FROM purges;
DROP TABLE purges;
