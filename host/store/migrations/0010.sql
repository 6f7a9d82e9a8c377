-- Both SQLite and PostgreSQL read this.

-- Whose list it is, as a digest: each issuer has a share of its own of what is kept. Empty
-- where nobody said it since.
ALTER TABLE lists ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
-- An operator said that a list that was made until then was made by a wrong clock; 0 where
-- nobody did.
ALTER TABLE lists ADD COLUMN disowned BIGINT NOT NULL DEFAULT 0;
DROP INDEX lists_by_issue;
CREATE INDEX lists_by_issuer ON lists (issuer, issued);

-- The newest version of the record that any gate here writes; 0 where none said it.
ALTER TABLE head ADD COLUMN record BIGINT NOT NULL DEFAULT 0;
