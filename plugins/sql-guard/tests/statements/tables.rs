//! Tables, wherever they stand.

use gatewright_sql_guard::{Refused, Use, check};

use super::{fine, refused, shop};

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
