-- Both SQLite and PostgreSQL read this.

-- Calls that wait for people, sealed with the salt that everything here is keyed with.
CREATE TABLE held (
    id TEXT PRIMARY KEY,
    -- Keyed digest of the agent and its issuer.
    agent TEXT NOT NULL,
    -- Milliseconds since 1970.
    ends BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    -- Base64.
    body TEXT NOT NULL
);
CREATE INDEX held_by_end ON held (ends);
