-- Both SQLite and PostgreSQL read this.

-- One row. Whoever writes anything locks it first: entries have no gaps, and counts are
-- exact.
CREATE TABLE head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    -- The sequence of the next entry.
    next BIGINT NOT NULL,
    -- The latest time of any entry, in milliseconds since 1970.
    latest BIGINT NOT NULL,
    -- Rows in the tables of these names.
    sessions BIGINT NOT NULL,
    budgets BIGINT NOT NULL,
    -- Fingerprint of the salt that everything here is keyed with.
    salt TEXT NOT NULL
);
INSERT INTO head (one, next, latest, sessions, budgets, salt) VALUES (1, 0, 0, 0, 0, '');

-- The record: each body is the line that a ledger file would have.
CREATE TABLE entries (
    sequence BIGINT PRIMARY KEY,
    gate TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

-- What sessions carry, in the form in which a ledger carries it from one segment to the
-- next, with the labels sealed, and which of their calls are under way at which gate.
CREATE TABLE sessions (
    name TEXT PRIMARY KEY,
    -- Milliseconds since 1970.
    ends BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (ends);

-- What is spent, in the same form.
CREATE TABLE budgets (
    binding TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Seconds since 1970.
    ends BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (binding, key)
);
CREATE INDEX budgets_by_end ON budgets (ends);

-- Who shares this memory.
CREATE TABLE gates (
    name TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    -- How often it started: calls that were under way before are not any more.
    started BIGINT NOT NULL
);
