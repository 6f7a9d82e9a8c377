-- Both SQLite and PostgreSQL read this.

-- How often operators changed who may go on: whoever locks the head sees whether it knows
-- all of it.
ALTER TABLE head ADD COLUMN agents BIGINT NOT NULL DEFAULT 0;

-- What operators said: one row for each agent, owner, issuer and revoked credential.
CREATE TABLE agents (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The change that wrote it, counted as in the head.
    revision BIGINT NOT NULL,
    -- Milliseconds since 1970; then it may be forgotten.
    ends BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX agents_by_revision ON agents (revision);
CREATE INDEX agents_by_end ON agents (ends);
