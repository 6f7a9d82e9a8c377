-- Both SQLite and PostgreSQL read this.

-- Calls that wait for people, sealed with the salt that everything here is keyed with, and
-- what people decided on them. Nobody could decide on those that are there.
DROP TABLE held;
CREATE TABLE held (
    id TEXT PRIMARY KEY,
    -- Keyed digest of the agent and its issuer.
    agent TEXT NOT NULL,
    -- Keyed digest of what the same call has in common with it.
    called TEXT NOT NULL,
    -- When nobody can decide any more, in milliseconds since 1970. It is sealed too.
    decide_by BIGINT NOT NULL,
    -- From when on nothing of it counts.
    ends BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    -- Base64.
    body TEXT NOT NULL,
    -- What people decided: how often, and a JSON array of it.
    decided BIGINT NOT NULL,
    votes TEXT NOT NULL
);
CREATE INDEX held_by_end ON held (ends);
CREATE INDEX held_by_call ON held (called, id);
