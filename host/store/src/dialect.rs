//! What is asked of a database. What SQLite and PostgreSQL read alike stands here once.

/// Statements that the two do not read alike.
pub(crate) struct Dialect {
    /// Begins a transaction.
    pub(crate) begin: &'static str,
    /// Lets nobody else migrate until the end of the transaction.
    pub(crate) alone: &'static str,
    /// Locks the head until the end of the transaction, and gives it.
    pub(crate) lock: &'static str,
    /// Sessions and budgets, by a JSON array of names and one of places; and the gates.
    pub(crate) read: &'static str,
    /// Budgets, by a JSON array of places.
    pub(crate) budgets: &'static str,
    /// Everything that a batch changes, at once.
    pub(crate) write: &'static str,
    /// Calls that are held from now on.
    pub(crate) hold: &'static str,
    /// What operators say from now on about who may go on.
    pub(crate) register: &'static str,
}

/// How often operators changed who may go on.
pub(crate) const AGENTS_REVISION: &str = "SELECT agents FROM head WHERE one = 1";

/// What they changed since.
pub(crate) const AGENTS: &str = "SELECT body FROM agents WHERE revision > $1 ORDER BY revision";

/// Lets go of what has ended.
pub(crate) const SWEEP_AGENTS: &str = "DELETE FROM agents WHERE ends <= $1";

/// What one session carries.
pub(crate) const SESSION: &str = "SELECT ends, body FROM sessions WHERE name = $1";

/// Budgets whose window ends later.
pub(crate) const BUDGETS_LATER: &str = "SELECT binding, key, body FROM budgets WHERE ends > $1";

/// Says when the window of a budget ends, and what is spent in it.
pub(crate) const SET_BUDGET: &str =
    "UPDATE budgets SET ends = $3, body = $4 WHERE binding = $1 AND key = $2";

/// Entries from a sequence on.
pub(crate) const ENTRIES: &str =
    "SELECT sequence, body FROM entries WHERE sequence >= $1 ORDER BY sequence LIMIT $2";

/// The first entry that there is, and the place of the next one.
pub(crate) const SPAN: &str =
    "SELECT COALESCE(MIN(sequence), 0), COALESCE(MAX(sequence) + 1, 0) FROM entries";

/// Lets go of a few sessions that have ended.
pub(crate) const SWEEP_SESSIONS: &str = "DELETE FROM sessions WHERE name IN \
     (SELECT name FROM sessions WHERE ends <= $1 ORDER BY ends LIMIT $2) RETURNING name";

/// Lets go of a few budgets whose window has ended.
pub(crate) const SWEEP_BUDGETS: &str = "DELETE FROM budgets WHERE (binding, key) IN \
     (SELECT binding, key FROM budgets WHERE ends <= $1 ORDER BY ends LIMIT $2) RETURNING key";

/// Lets go of the held calls that nobody can approve any more.
pub(crate) const SWEEP_HELD: &str = "DELETE FROM held WHERE ends <= $1";

/// How many calls of each agent wait, and how long they are.
pub(crate) const HELD_BY_AGENT: &str =
    "SELECT agent, COUNT(*), CAST(SUM(bytes) AS BIGINT) FROM held WHERE ends > $1 GROUP BY agent";

/// One held call that still counts.
pub(crate) const HELD: &str =
    "SELECT id, agent, called, decide_by, body, votes FROM held WHERE id = $1 AND ends > $2";

/// How often people decided on one that still counts, and until when it does.
pub(crate) const HELD_LOOK: &str = "SELECT decided, ends FROM held WHERE id = $1 AND ends > $2";

/// The latest one of those that are the same call.
pub(crate) const HELD_AS: &str = "SELECT id, agent, called, decide_by, body, votes FROM held \
     WHERE called = $1 AND ends > $2 ORDER BY id DESC LIMIT 1";

/// Those after an id.
pub(crate) const HELD_AFTER: &str = "SELECT id, agent, called, decide_by, body, votes FROM held \
     WHERE id > $1 AND ends > $2 ORDER BY id LIMIT $3";

/// Those that are the same call.
pub(crate) const HELD_SAME: &str = "SELECT id FROM held WHERE called = $1 AND ends > $2";

/// Lets go of a held call that ended.
pub(crate) const LET_GO: &str = "DELETE FROM held WHERE id = $1";

/// Keeps a held call among those that went ahead.
pub(crate) const USE: &str = "INSERT INTO used \
     (held, agent, called, decide_by, body, votes, decision, ends, outcome) \
     SELECT id, agent, called, decide_by, body, votes, $2, $3, '' FROM held WHERE id = $1";

/// Lets go of those that may be asked about anew.
pub(crate) const SWEEP_USED: &str = "DELETE FROM used WHERE ends <= $1";

/// Lets go of the oldest of one agent's, the one that this call is of.
pub(crate) const USED_OF_AGENT_MAX: &str = "DELETE FROM used WHERE agent = (SELECT agent FROM used WHERE held = $1) AND held NOT IN \
     (SELECT held FROM used WHERE agent = (SELECT agent FROM used WHERE held = $1) \
     ORDER BY held DESC LIMIT $2)";

/// Lets go of the oldest of all.
pub(crate) const USED_MAX: &str = "DELETE FROM used WHERE held NOT IN \
     (SELECT held FROM used ORDER BY held DESC LIMIT $1)";

/// Those that went ahead, after an id.
pub(crate) const USED_AFTER: &str = "SELECT held, agent, called, decide_by, body, votes FROM used \
     WHERE held > $1 AND ends > $2 ORDER BY held LIMIT $3";

/// Lets go of one that went ahead.
pub(crate) const LET_GO_USED: &str = "DELETE FROM used WHERE held = $1";

/// Takes in what came of a call that went ahead.
pub(crate) const SETTLE: &str = "UPDATE used SET outcome = $3 WHERE held = $1 AND decision = $2";

/// The latest one that is the same call, and went ahead.
pub(crate) const USED_AS: &str = "SELECT held, agent, called, decide_by, body, votes, decision, ends, outcome FROM used \
     WHERE called = $1 AND ends > $2 ORDER BY held DESC LIMIT 1";

/// The same in short.
pub(crate) const USED_SAME: &str =
    "SELECT held FROM used WHERE called = $1 AND ends > $2 ORDER BY held DESC LIMIT 1";

/// Until when any call that went ahead is kept.
pub(crate) const USED_UNTIL: &str = "SELECT COALESCE(MAX(ends), 0) FROM used";

/// When the first of those that are kept sealed is over.
pub(crate) const SEALED_FIRST: &str = "SELECT COALESCE(MIN(ends), 0) FROM \
     (SELECT ends FROM used UNION ALL SELECT ends FROM held) AS sealed";

/// When the newest one of a status list was made, in the memory of this salt; -1 where none is
/// known.
pub(crate) const LIST: &str = "SELECT COALESCE(lists.issued, -1) FROM head \
     LEFT JOIN lists ON lists.name = $1 WHERE head.salt = $2";

/// Says when the newest one was made, if it is newer, and gives when it was; nothing in the
/// memory of another salt.
pub(crate) const RAISE_LIST: &str = "INSERT INTO lists (name, issued, issuer) \
     SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($4 AS TEXT) FROM head WHERE salt = $3 \
     ON CONFLICT (name) DO UPDATE SET issuer = excluded.issuer, issued = \
     CASE WHEN excluded.issued > lists.issued THEN excluded.issued ELSE lists.issued END \
     RETURNING issued";

/// No list was made after this time: what was said of later ones is taken back.
pub(crate) const LISTS_LATER: &str = "UPDATE lists SET issued = $1, disowned = \
     CASE WHEN issued > disowned THEN issued ELSE disowned END WHERE issued > $1";

/// A row where it was taken back that a list was made at a time ($4), and nothing newer is known
/// than what was made at another one ($3).
pub(crate) const LIST_DISOWNED: &str = "SELECT lists.issued FROM head \
     JOIN lists ON lists.name = $1 \
     WHERE head.salt = $2 AND lists.issued <= $3 AND lists.disowned >= $4";

/// Lets go of the one that was made first of the issuer that has the most, where there are more
/// than so many; of two that have as many, of this one.
pub(crate) const LISTS_MAX: &str = "DELETE FROM lists WHERE name IN (SELECT name FROM lists \
     WHERE (SELECT COUNT(*) FROM lists) > $1 AND issuer = (SELECT issuer FROM lists \
     GROUP BY issuer ORDER BY COUNT(*) DESC, CASE WHEN issuer = $2 THEN 0 ELSE 1 END, issuer LIMIT 1) \
     ORDER BY issued, name LIMIT 1) RETURNING name";

/// Takes in what a person decided on a held call.
pub(crate) const DECIDE: &str = "UPDATE held SET decided = $2, votes = $3, ends = $4 WHERE id = $1";

/// What was decided on a held call so far, and until when that counts.
pub(crate) const DECIDED: &str = "SELECT decided, votes, ends FROM held WHERE id = $1";

pub(crate) const SQLITE: Dialect = Dialect {
    begin: "BEGIN IMMEDIATE",
    alone: "SELECT 1",
    lock: "SELECT next, latest, sessions, budgets, salt, agents, record FROM head WHERE one = 1",
    // CROSS: the few that are wanted come first.
    read: "SELECT 0, sessions.name, '', sessions.body \
           FROM json_each($1) AS wanted CROSS JOIN sessions ON sessions.name = wanted.value \
           UNION ALL SELECT 1, budgets.binding, budgets.key, budgets.body \
           FROM json_each($2) AS wanted CROSS JOIN budgets \
           ON budgets.binding = wanted.value ->> 'binding' AND budgets.key = wanted.value ->> 'key' \
           UNION ALL SELECT 2, name, '', CAST(started AS TEXT) FROM gates",
    budgets: "SELECT budgets.binding, budgets.key, budgets.body \
              FROM json_each($1) AS wanted CROSS JOIN budgets \
              ON budgets.binding = wanted.value ->> 'binding' AND budgets.key = wanted.value ->> 'key'",
    // TRUE: without it the ON of an upsert would be that of a join.
    write: "INSERT INTO sessions (name, ends, body) \
            SELECT value ->> 'name', value ->> 'ends', value ->> 'body' FROM json_each($1) WHERE TRUE \
            ON CONFLICT (name) DO UPDATE SET ends = excluded.ends, body = excluded.body; \
            INSERT INTO budgets (binding, key, ends, body) \
            SELECT value ->> 'binding', value ->> 'key', value ->> 'ends', value ->> 'body' \
            FROM json_each($2) WHERE TRUE \
            ON CONFLICT (binding, key) DO UPDATE SET ends = excluded.ends, body = excluded.body; \
            INSERT INTO entries (sequence, gate, at, body) \
            SELECT value ->> 'sequence', $4, value ->> 'at', value ->> 'body' FROM json_each($3); \
            UPDATE gates SET generation = max(generation, $5), latest = max(latest, $7) WHERE name = $4; \
            UPDATE head SET next = $6, latest = $7, sessions = $8, budgets = $9 WHERE one = 1",
    hold: "INSERT INTO held (id, agent, called, decide_by, ends, bytes, body, decided, votes) \
           SELECT value ->> 'id', value ->> 'agent', value ->> 'called', value ->> 'decide_by', \
           value ->> 'decide_by', value ->> 'bytes', value ->> 'body', 0, '[]' FROM json_each($1)",
    register: "INSERT INTO agents (kind, name, revision, ends, body) \
               SELECT value ->> 'kind', value ->> 'name', $2, value ->> 'ends', value ->> 'body' \
               FROM json_each($1) WHERE TRUE \
               ON CONFLICT (kind, name) DO UPDATE \
               SET revision = excluded.revision, ends = excluded.ends, body = excluded.body; \
               UPDATE head SET agents = $2 WHERE one = 1",
};

pub(crate) const POSTGRES: Dialect = Dialect {
    begin: "BEGIN",
    // The number is the gate's own and means nothing.
    alone: "SELECT 1 FROM pg_advisory_xact_lock(7310586021436)",
    lock: "SELECT next, latest, sessions, budgets, salt, agents, record FROM head WHERE one = 1 FOR UPDATE",
    read: "SELECT 0::bigint, name, ''::text, body FROM sessions \
           WHERE name IN (SELECT json_array_elements_text($1::json)) \
           UNION ALL SELECT 1::bigint, budgets.binding, budgets.key, budgets.body \
           FROM json_to_recordset($2::json) AS wanted (binding text, key text) \
           JOIN budgets ON budgets.binding = wanted.binding AND budgets.key = wanted.key \
           UNION ALL SELECT 2::bigint, name, ''::text, CAST(started AS TEXT) FROM gates",
    budgets: "SELECT budgets.binding, budgets.key, budgets.body \
              FROM json_to_recordset($1::json) AS wanted (binding text, key text) \
              JOIN budgets ON budgets.binding = wanted.binding AND budgets.key = wanted.key",
    write: "WITH some_sessions AS ( \
              INSERT INTO sessions (name, ends, body) \
              SELECT name, ends, body FROM json_to_recordset($1::json) AS it (name text, ends bigint, body text) \
              ON CONFLICT (name) DO UPDATE SET ends = excluded.ends, body = excluded.body \
            ), some_budgets AS ( \
              INSERT INTO budgets (binding, key, ends, body) \
              SELECT binding, key, ends, body \
              FROM json_to_recordset($2::json) AS it (binding text, key text, ends bigint, body text) \
              ON CONFLICT (binding, key) DO UPDATE SET ends = excluded.ends, body = excluded.body \
            ), some_entries AS ( \
              INSERT INTO entries (sequence, gate, at, body) \
              SELECT sequence, $4, at, body \
              FROM json_to_recordset($3::json) AS it (sequence bigint, at bigint, body text) \
            ), this_gate AS ( \
              UPDATE gates SET generation = greatest(generation, $5), latest = greatest(latest, $7) WHERE name = $4 \
            ) UPDATE head SET next = $6, latest = $7, sessions = $8, budgets = $9 WHERE one = 1",
    hold: "INSERT INTO held (id, agent, called, decide_by, ends, bytes, body, decided, votes) \
           SELECT id, agent, called, decide_by, decide_by, bytes, body, 0, '[]' \
           FROM json_to_recordset($1::json) \
           AS it (id text, agent text, called text, decide_by bigint, bytes bigint, body text)",
    register: "WITH some_agents AS ( \
                 INSERT INTO agents (kind, name, revision, ends, body) \
                 SELECT kind, name, $2, ends, body FROM json_to_recordset($1::json) \
                 AS it (kind text, name text, ends bigint, body text) \
                 ON CONFLICT (kind, name) DO UPDATE \
                 SET revision = excluded.revision, ends = excluded.ends, body = excluded.body \
               ) UPDATE head SET agents = $2 WHERE one = 1",
};
