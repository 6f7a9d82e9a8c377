-- Both SQLite and PostgreSQL read this.

-- When the newest status lists were made that any gate here knew: no older one counts at any
-- of them, in which nobody was revoked yet.
CREATE TABLE lists (
    -- Digest of the address of the list, its issuer and its kind.
    name TEXT PRIMARY KEY,
    -- Milliseconds since 1970.
    issued BIGINT NOT NULL
);
CREATE INDEX lists_by_issue ON lists (issued);
