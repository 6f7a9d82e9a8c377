//! What the guard refuses and what it lets through, statement by statement.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_sql_guard::{Kind, Passed, Refused, Settings, Use, check};

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

fn reader(dialect: &str) -> Settings {
    settings(&format!(r#"{{"dialect": "{dialect}"}}"#))
}

fn writer(dialect: &str) -> Settings {
    settings(&format!(
        r#"{{"dialect": "{dialect}", "read-only": false}}"#
    ))
}

fn shop() -> Settings {
    settings(
        r#"{"dialect": "postgres", "read-only": false,
            "tables": {"read": ["orders", "customers", "report.*"], "write": ["orders"], "denied": ["secret*"]}}"#,
    )
}

/// A refusal without its free text.
fn name(refused: &Refused) -> String {
    let text = format!("{refused:?}");
    text.split('(').next().unwrap().to_owned()
}

#[track_caller]
fn refused(settings: &Settings, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(sql, expected)| match check(settings, sql) {
            Err(refused) if name(&refused) == *expected => None,
            other => Some(format!("{sql}: {other:?}, not {expected}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[track_caller]
fn fine(settings: &Settings, cases: &[&str]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|sql| check(settings, sql) != Ok(Passed::Fine))
        .map(|sql| format!("{sql}: {:?}", check(settings, sql)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

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
fn a_write_without_a_real_condition_is_refused() {
    for dialect in ["sqlite", "postgres", "mysql", "generic"] {
        for condition in [
            "",
            "WHERE 1 = 1",
            "WHERE true",
            "WHERE 1",
            "WHERE 'a' = 'a'",
            "WHERE NOT false",
            "WHERE (1 = 1)",
            "WHERE id = id",
            "WHERE id = ID",
            "WHERE t.id = id",
            "WHERE id = 3 OR 1 = 1",
            "WHERE 1 = 1 OR id = 3",
            "WHERE id = 3 OR true",
            "WHERE (id = 3) OR (1 < 2)",
            "WHERE id IS NULL OR id IS NOT NULL",
            "WHERE id = 1 OR id <> 1",
            "WHERE id IN (id)",
            "WHERE name LIKE '%'",
            "WHERE name LIKE '%%' AND 1 = 1",
            "WHERE NOT (id <> id)",
            "WHERE NOT (id = 3 AND 1 = 2)",
            "WHERE EXISTS (SELECT 1)",
            "WHERE EXISTS (SELECT id FROM u)",
            "WHERE (SELECT 1) = 1",
            "WHERE (SELECT count(*) FROM u) >= 0",
            "WHERE length('a') = 1",
            "WHERE id BETWEEN id AND id",
            "WHERE coalesce(1, 2) = 1",
            "WHERE id = 3 OR NOT id = 3",
        ] {
            for verb in ["DELETE FROM t", "UPDATE t SET a = 1"] {
                let sql = format!("{verb} {condition}");
                match check(&writer(dialect), &sql) {
                    Err(Refused::EveryRow(_)) => {}
                    other => panic!("{dialect}: {sql}: {other:?}"),
                }
            }
        }
        fine(
            &writer(dialect),
            &[
                "DELETE FROM t WHERE id = 3",
                "UPDATE t SET a = a + 1 WHERE id IN (1, 2) AND b IS NOT NULL",
                "DELETE FROM t WHERE id = 3 AND 1 = 1",
                "DELETE FROM t WHERE id IN (SELECT id FROM u)",
                "DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)",
                "DELETE FROM t WHERE name LIKE 'a%'",
                "DELETE FROM t WHERE id = 1 OR id = 2",
                "INSERT INTO t (a) VALUES (1)",
                "INSERT INTO t SELECT * FROM u",
            ],
        );
    }
    refused(
        &writer("postgres"),
        &[
            (
                "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
                "EveryRow",
            ),
            ("EXPLAIN ANALYZE DELETE FROM t", "EveryRow"),
            ("WITH x AS (SELECT 1) DELETE FROM t", "EveryRow"),
        ],
    );
    fine(
        &writer("postgres"),
        &[
            "UPDATE t SET a = u.a FROM u WHERE t.id = u.id",
            "DELETE FROM t USING u WHERE t.id = u.id",
        ],
    );
    refused(
        &writer("mysql"),
        &[
            ("DELETE FROM t LIMIT 10", "EveryRow"),
            ("DELETE FROM t WHERE id", "EveryRow"),
        ],
    );
}

#[test]
fn every_table_is_found_wherever_it_stands() {
    refused(
        &shop(),
        &[
            ("SELECT * FROM salaries", "Table"),
            ("SELECT * FROM orders JOIN salaries ON true", "Table"),
            ("SELECT * FROM orders, salaries", "Table"),
            (
                "SELECT * FROM orders NATURAL JOIN (customers CROSS JOIN salaries)",
                "Table",
            ),
            ("SELECT (SELECT max(a) FROM salaries)", "Table"),
            (
                "SELECT * FROM orders WHERE id IN (SELECT id FROM salaries)",
                "Table",
            ),
            (
                "SELECT * FROM orders WHERE EXISTS (SELECT 1 FROM salaries)",
                "Table",
            ),
            (
                "SELECT * FROM orders ORDER BY (SELECT 1 FROM salaries)",
                "Table",
            ),
            (
                "SELECT * FROM orders GROUP BY (SELECT 1 FROM salaries)",
                "Table",
            ),
            (
                "SELECT * FROM orders LIMIT (SELECT 1 FROM salaries)",
                "Table",
            ),
            ("SELECT * FROM orders UNION SELECT * FROM salaries", "Table"),
            ("SELECT * FROM (SELECT * FROM salaries) AS s", "Table"),
            (
                "SELECT * FROM orders, LATERAL (SELECT * FROM salaries) AS s",
                "Table",
            ),
            ("SELECT array(SELECT a FROM salaries)", "Table"),
            (
                "SELECT count(*) FILTER (WHERE a > (SELECT 1 FROM salaries)) FROM orders",
                "Table",
            ),
            (
                "SELECT sum(a) OVER (PARTITION BY (SELECT 1 FROM salaries)) FROM orders",
                "Table",
            ),
            (
                "SELECT DISTINCT ON ((SELECT 1 FROM salaries)) a FROM orders",
                "Table",
            ),
            (
                "WITH x AS (SELECT * FROM salaries) SELECT * FROM x",
                "Table",
            ),
            (
                "WITH salaries AS (SELECT * FROM salaries) SELECT * FROM salaries",
                "Table",
            ),
            (
                "WITH a AS (SELECT * FROM salaries), salaries AS (SELECT 1) SELECT * FROM a",
                "Table",
            ),
            (
                "WITH \"Salaries\" AS (SELECT 1) SELECT * FROM Salaries",
                "Table",
            ),
            (
                "WITH salaries AS (SELECT 1) SELECT * FROM hr.salaries",
                "Table",
            ),
            (
                "SELECT * FROM (WITH salaries AS (SELECT 1) SELECT 1) AS s, salaries",
                "Table",
            ),
            ("INSERT INTO orders SELECT * FROM salaries", "Table"),
            ("INSERT INTO customers VALUES (1)", "Table"),
            (
                "INSERT INTO orders VALUES ((SELECT 1 FROM salaries))",
                "Table",
            ),
            (
                "INSERT INTO orders VALUES (1) ON CONFLICT (id) DO UPDATE SET a = (SELECT 1 FROM salaries)",
                "Table",
            ),
            (
                "INSERT INTO orders VALUES (1) RETURNING (SELECT 1 FROM salaries)",
                "Table",
            ),
            ("UPDATE customers SET a = 1 WHERE id = 1", "Table"),
            (
                "UPDATE orders SET a = (SELECT 1 FROM salaries) WHERE id = 1",
                "Table",
            ),
            (
                "UPDATE orders SET a = 1 FROM salaries WHERE orders.id = salaries.id",
                "Table",
            ),
            (
                "DELETE FROM orders USING salaries WHERE orders.id = salaries.id",
                "Table",
            ),
            (
                "WITH customers AS (SELECT 1) DELETE FROM customers WHERE id = 1",
                "Table",
            ),
            ("SELECT * FROM secret_orders", "Table"),
            ("SELECT * FROM report.secrets", "Table"),
            ("SELECT * FROM hr.orders", "Table"),
            ("SELECT * FROM \"ORDERS\"", "Table"),
            ("EXPLAIN SELECT * FROM salaries", "Table"),
        ],
    );
    fine(
        &shop(),
        &[
            "SELECT * FROM orders o JOIN public.customers c ON c.id = o.customer",
            "SELECT * FROM ORDERS",
            "SELECT * FROM report.monthly",
            "WITH salaries AS (SELECT * FROM orders) SELECT * FROM salaries",
            "WITH RECURSIVE tree AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM tree WHERE n < 5) SELECT * FROM tree",
            "WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b, a",
            "INSERT INTO orders SELECT * FROM customers",
            "UPDATE orders SET a = c.a FROM customers c WHERE c.id = orders.customer",
        ],
    );
    let error = check(&shop(), "SELECT * FROM salaries").unwrap_err();
    assert_eq!(error, Refused::Table(Use::Read, "salaries".to_owned()));
    assert_eq!(
        error.to_string(),
        "the table `salaries` may not be read; hint: query another table"
    );
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
fn rows_can_be_limited() {
    let limited = settings(r#"{"dialect": "postgres", "rows-max": 100}"#);
    refused(
        &limited,
        &[
            ("SELECT * FROM t", "NoLimit"),
            ("SELECT * FROM t LIMIT 101", "NoLimit"),
            ("SELECT * FROM t LIMIT ALL", "NoLimit"),
            ("SELECT * FROM t LIMIT 50 + 100", "NoLimit"),
            ("SELECT * FROM (SELECT * FROM t LIMIT 5) AS s", "NoLimit"),
            ("SELECT * FROM t OFFSET 5", "NoLimit"),
            ("SELECT * FROM t FETCH FIRST 10 ROWS WITH TIES", "NoLimit"),
        ],
    );
    fine(
        &limited,
        &[
            "SELECT * FROM t LIMIT 100",
            "SELECT * FROM t LIMIT 5 OFFSET 10",
            "SELECT * FROM t FETCH FIRST 10 ROWS ONLY",
        ],
    );
    let sqlite = settings(r#"{"dialect": "sqlite", "rows-max": 100}"#);
    refused(&sqlite, &[("SELECT * FROM t LIMIT -1", "NoLimit")]);
}

#[test]
fn a_person_is_asked_where_the_settings_say_so() {
    let asking = settings(
        r#"{"dialect": "sqlite", "read-only": false, "ask": ["delete"], "without-where": "ask"}"#,
    );
    assert!(matches!(
        check(&asking, "DELETE FROM t WHERE id = 1"),
        Ok(Passed::Ask(_))
    ));
    assert!(matches!(
        check(&asking, "UPDATE t SET a = 1"),
        Ok(Passed::Ask(_))
    ));
    refused(&asking, &[("DELETE FROM t; DELETE FROM t", "Stacked")]);
    fine(&asking, &["UPDATE t SET a = 1 WHERE id = 1"]);
}

#[test]
fn only_listed_functions_are_called_where_there_is_a_list() {
    let listed = settings(
        r#"{"dialect": "postgres", "functions-allowed": ["count", "lower", "pg_read_file"]}"#,
    );
    refused(
        &listed,
        &[
            ("SELECT upper(a) FROM t", "Function"),
            ("SELECT pg_read_file('x')", "Function"),
        ],
    );
    fine(
        &listed,
        &["SELECT count(*), lower(a) FROM t GROUP BY lower(a)"],
    );
}

#[test]
fn size_and_depth_have_bounds() {
    let reader = reader("sqlite");
    let long = format!("SELECT '{}'", "a".repeat(40_000));
    let chain = format!("SELECT 1{}", " + 1".repeat(1_000));
    let conditions = format!("SELECT 1 FROM t WHERE a{}", " AND a".repeat(1_000));
    let parentheses = format!("SELECT {}1{}", "(".repeat(1_000), ")".repeat(1_000));
    let subqueries = format!("SELECT {}1{}", "(SELECT ".repeat(200), ")".repeat(200));
    let unions = format!("SELECT 1{}", " UNION SELECT 1".repeat(500));
    let not = format!("SELECT {} 1", "NOT ".repeat(1_000));
    refused(
        &reader,
        &[
            (&long, "TooLong"),
            (&chain, "TooNested"),
            (&conditions, "TooNested"),
            (&parentheses, "TooNested"),
            (&subqueries, "TooNested"),
            (&unions, "TooNested"),
            (&not, "TooNested"),
        ],
    );
    let columns = format!("DELETE FROM t WHERE a IN ({}c)", "b, ".repeat(1_500));
    let casts = format!("DELETE FROM t WHERE a{} = 'x'", "::text".repeat(250));
    refused(
        &writer("postgres"),
        &[(&columns, "TooNested"), (&casts, "TooNested")],
    );
    let ids = format!("DELETE FROM t WHERE id IN ({}1)", "1, ".repeat(1_500));
    let either = format!("DELETE FROM t WHERE a = 1{}", " OR a = 2".repeat(100));
    fine(&writer("postgres"), &[&ids, &either]);
    let list = format!("SELECT * FROM t WHERE id IN ({}1)", "1, ".repeat(2_000));
    let sums = format!("SELECT 1{}", " + 1".repeat(250));
    fine(&reader, &[&list, &sums]);
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

#[test]
fn settings_that_mean_nothing_are_refused() {
    for (json, word) in [
        (r#"{}"#, "dialect"),
        (r#"{"dialect": "access"}"#, "access"),
        (
            r#"{"dialect": "sqlite", "statements": ["delete"]}"#,
            "read-only",
        ),
        (r#"{"dialect": "sqlite", "ask": ["delete"]}"#, "statements"),
        (r#"{"dialect": "sqlite", "table": []}"#, "table"),
        (
            r#"{"dialect": "sqlite", "tools": [{"tool": "x", "sql": []}]}"#,
            "sql",
        ),
        (
            r#"{"dialect": "sqlite", "tools": [{"tool": "x", "sql": ["query"]}]}"#,
            "Pointer",
        ),
        (
            r#"{"dialect": "sqlite", "database-servers": false}"#,
            "no tool",
        ),
    ] {
        let error = serde_json::from_str::<Settings>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{json}: {error}");
    }
}
