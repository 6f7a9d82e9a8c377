//! What reads, what writes, and what is neither.

use gatewright_sql_guard::{Kind, Refused, check};

use super::{fine, reader, refused, settings};

#[test]
fn reading_refuses_everything_that_writes() {
    for dialect in ["sqlite", "postgres", "mysql", "generic"] {
        refused(
            &reader(dialect),
            &[
                ("INSERT INTO t VALUES (1)", "Kind"),
                ("UPDATE t SET a = 1 WHERE id = 1", "Kind"),
                ("DELETE FROM t WHERE id = 1", "Kind"),
                ("DROP TABLE t", "Kind"),
                ("TRUNCATE TABLE t", "Kind"),
                ("CREATE TABLE t (a INT)", "Kind"),
                ("ALTER TABLE t ADD COLUMN a INT", "OtherKind"),
                ("CREATE INDEX i ON t (a)", "OtherKind"),
                ("GRANT ALL ON t TO u", "OtherKind"),
                ("EXPLAIN DELETE FROM t WHERE id = 1", "Kind"),
                ("EXPLAIN ANALYZE DELETE FROM t WHERE id = 1", "Kind"),
                ("SELECT 1; SELECT 2", "Stacked"),
                ("SELECT 1; DROP TABLE t", "Stacked"),
                ("", "Stacked"),
                ("-- nothing", "Stacked"),
                (";;", "Stacked"),
                ("SELEC 1", "Unreadable"),
                ("SELECT * FROM t WHERE", "Unreadable"),
                ("SELECT 'open", "Unreadable"),
                ("SELECT 1\0; DROP TABLE t", "Control"),
                ("SELECT /*!50000 1, */ 2", "ExecutableComment"),
                ("SELECT /*M! 1, */ 2", "ExecutableComment"),
                ("SELECT \u{ff33}ELECT FROM t", "Ambiguous"),
            ],
        );
        fine(
            &reader(dialect),
            &[
                "SELECT 1",
                "SELECT a, b FROM t WHERE c = 'it''s' ORDER BY a LIMIT 10;",
                "SELECT * FROM a JOIN b ON a.id = b.id LEFT JOIN c ON c.id = b.id",
                "WITH x AS (SELECT * FROM t) SELECT count(*) FROM x",
                "SELECT * FROM a UNION ALL SELECT * FROM b",
                "SELECT * FROM (SELECT a FROM t) AS s WHERE a IN (SELECT b FROM u)",
                "EXPLAIN SELECT * FROM t",
                "SELECT a FROM t -- done",
                "SELECT /* the ids */ id FROM t",
            ],
        );
    }
}

#[test]
fn what_a_database_adds_to_sql_is_refused() {
    refused(
        &reader("sqlite"),
        &[
            ("ATTACH DATABASE '/etc/x' AS x", "OtherKind"),
            ("PRAGMA writable_schema = ON", "Unreadable"),
            ("PRAGMA writable_schema = 1", "Pragma"),
            ("PRAGMA table_info = 1", "Pragma"),
            ("PRAGMA journal_mode = WAL", "Unreadable"),
            ("PRAGMA wal_checkpoint", "Pragma"),
            ("VACUUM INTO '/tmp/x'", "Unreadable"),
            ("SELECT load_extension('x')", "Function"),
            ("SELECT \"load_extension\"('x')", "Function"),
            ("SELECT LOAD_EXTENSION('x')", "Function"),
            ("SELECT writefile('/tmp/x', 'y')", "Function"),
            (
                "SELECT * FROM t WHERE a = readfile('/etc/passwd')",
                "Function",
            ),
            (
                "SELECT * FROM t ORDER BY readfile('/etc/passwd')",
                "Function",
            ),
            ("SELECT * FROM fsdir('/')", "Function"),
            ("SELECT * FROM sqlite_dbpage", "Table"),
            ("REPLACE INTO t VALUES (1)", "Kind"),
        ],
    );
    refused(
        &reader("postgres"),
        &[
            ("COPY t TO PROGRAM 'curl x'", "OtherKind"),
            ("COPY t FROM '/etc/passwd'", "OtherKind"),
            ("SELECT * INTO u FROM t", "SelectInto"),
            ("SELECT * FROM t FOR UPDATE", "Lock"),
            (
                "WITH x AS (DELETE FROM t WHERE id = 1 RETURNING *) SELECT * FROM x",
                "Kind",
            ),
            (
                "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
                "Kind",
            ),
            ("SELECT pg_read_file('/etc/passwd')", "Function"),
            ("SELECT pg_catalog.pg_read_file('/etc/passwd')", "Function"),
            ("SELECT * FROM pg_ls_dir('/')", "Function"),
            ("SELECT * FROM LATERAL pg_ls_dir('/') AS f", "Function"),
            ("SELECT lo_import('/etc/passwd')", "Function"),
            ("SELECT lo_export(1, '/tmp/x')", "Function"),
            (
                "SELECT query_to_xml('DELETE FROM t', true, true, '')",
                "Function",
            ),
            ("SELECT * FROM dblink('x', 'y') AS t(a int)", "Function"),
            ("SELECT pg_sleep(100)", "Function"),
            ("SELECT set_config('a', 'b', false)", "Function"),
            ("SELECT * FROM pg_catalog.pg_authid", "Table"),
            ("SELECT * FROM \"PG_SHADOW\"", "Table"),
            ("SET search_path = x", "OtherKind"),
            ("DO $$ BEGIN END $$", "Unreadable"),
            ("CALL p()", "OtherKind"),
            ("LISTEN x", "OtherKind"),
            ("EXECUTE x", "OtherKind"),
            ("VALUES (pg_read_file('x'))", "Function"),
            (
                "SELECT count(*) FILTER (WHERE pg_read_file('x') = '') FROM t",
                "Function",
            ),
            (
                "SELECT CASE WHEN true THEN pg_read_file('x') END",
                "Function",
            ),
            ("TABLE pg_authid", "Table"),
            ("SELECT 1 UNION TABLE pg_authid", "Table"),
            ("SHOW config_file", "Setting"),
            ("SELECT current_setting('config_file')", "Setting"),
            ("SELECT my_own(1)", "UnknownFunction"),
        ],
    );
    refused(
        &reader("mysql"),
        &[
            ("SELECT * FROM mysql.user", "Table"),
            ("SELECT load_file('/etc/passwd')", "Function"),
            ("SELECT sleep(10)", "Function"),
            ("SELECT benchmark(1, 1)", "Function"),
            ("SELECT 1 /*+ MAX_EXECUTION_TIME(0) */", "Hint"),
            ("SELECT 1 || 1", "Ambiguous"),
            ("HANDLER t OPEN", "Unreadable"),
        ],
    );
    for sql in [
        "SELECT * FROM t INTO OUTFILE '/tmp/x'",
        "SELECT * INTO OUTFILE '/tmp/x' FROM t",
        "LOAD DATA INFILE 'x' INTO TABLE t",
        "SELECT 1 INTO @a",
    ] {
        assert!(check(&reader("mysql"), sql).is_err(), "{sql}");
    }
    refused(
        &reader("generic"),
        &[
            ("SELECT '\\' OR 1 = 1 --'", "Ambiguous"),
            ("SELECT 1--1", "Ambiguous"),
            ("SELECT $$a$$", "Ambiguous"),
            ("SELECT 1 /* a /* b */ c */", "ExecutableComment"),
        ],
    );
    fine(
        &reader("sqlite"),
        &[
            "PRAGMA table_info('users')",
            "SELECT name FROM sqlite_master",
        ],
    );
    fine(
        &reader("mysql"),
        &[
            "SHOW TABLES",
            "DESCRIBE t",
            "SHOW CREATE TABLE t",
            "SELECT `a` FROM `t` WHERE b = \"x\"",
        ],
    );
    fine(
        &reader("postgres"),
        &[
            "SELECT a::text || 'x' FROM t WHERE b ILIKE '%y%'",
            "SELECT * FROM generate_series(1, 3)",
            "TABLE t",
            "SHOW search_path",
        ],
    );
}

#[test]
fn an_unknown_function_says_how_it_is_allowed() {
    let text = check(&reader("postgres"), "SELECT billing.total(1)")
        .unwrap_err()
        .to_string();
    assert!(text.contains("`billing.total`"), "{text}");
    assert!(text.contains("functions-except"), "{text}");
}

#[test]
fn an_insert_that_overwrites_needs_update() {
    let inserting = settings(
        r#"{"dialect": "postgres", "read-only": false, "statements": ["select", "insert"]}"#,
    );
    refused(
        &inserting,
        &[(
            "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
            "Kind",
        )],
    );
    fine(
        &inserting,
        &[
            "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO t VALUES (1)",
        ],
    );
    let sqlite = settings(
        r#"{"dialect": "sqlite", "read-only": false, "statements": ["select", "insert"]}"#,
    );
    refused(
        &sqlite,
        &[
            ("INSERT OR REPLACE INTO t VALUES (1)", "Kind"),
            ("REPLACE INTO t VALUES (1)", "Kind"),
        ],
    );
    let mysql =
        settings(r#"{"dialect": "mysql", "read-only": false, "statements": ["select", "insert"]}"#);
    refused(
        &mysql,
        &[(
            "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1",
            "Kind",
        )],
    );
}

#[test]
fn a_message_says_where_and_what_to_do() {
    let text = check(&reader("sqlite"), "SELECT *\nFROM t WHERE )")
        .unwrap_err()
        .to_string();
    assert!(text.contains("Line: 2, Column: 14"), "{text}");
    assert!(text.contains("hint: "), "{text}");
    assert_eq!(
        check(&reader("sqlite"), "DROP TABLE t"),
        Err(Refused::Kind(Kind::DropTable))
    );
}
