-- Both SQLite and PostgreSQL read this.

-- Approved calls that went ahead, sealed as they were held, and what came of them: exactly
-- the same call is not made again for a while.
CREATE TABLE used (
    -- Id of the held call.
    held TEXT PRIMARY KEY,
    -- The same as in `held`.
    agent TEXT NOT NULL,
    called TEXT NOT NULL,
    decide_by BIGINT NOT NULL,
    body TEXT NOT NULL,
    votes TEXT NOT NULL,
    -- Id of the decision that let the call go ahead.
    decision TEXT NOT NULL,
    -- From when on the same call is asked about anew, in milliseconds since 1970.
    ends BIGINT NOT NULL,
    -- What came of it, sealed, in base64; empty where nobody knows.
    outcome TEXT NOT NULL
);
CREATE INDEX used_by_call ON used (called, held);
CREATE INDEX used_by_agent ON used (agent, held);
CREATE INDEX used_by_end ON used (ends);
