-- A row that is written again and again: that it can be shows that the database takes writes, and what is in it is the
-- latest moment that any instance has seen, which a clock that was set back must not undo.
CREATE TABLE heartbeats (
    name TEXT PRIMARY KEY,               -- portal
    at BIGINT NOT NULL
);
