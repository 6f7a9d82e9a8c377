//! Conditions that keep no row out.

use gatewright_sql_guard::{Refused, check};

use super::{fine, refused, writer};

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
