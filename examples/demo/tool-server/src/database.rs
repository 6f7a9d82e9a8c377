//! One SQLite database that runs what it is told.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Value, json};

/// Most rows of one answer.
const ROWS_MAX: usize = 1000;

/// What a new database begins with.
const SAMPLE: &str = "
    CREATE TABLE IF NOT EXISTS customers (name TEXT PRIMARY KEY, city TEXT);
    INSERT OR IGNORE INTO customers VALUES ('Ada', 'London'), ('Grace', 'New York');
";

pub(crate) struct Database {
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens it, with a few customers in it.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SAMPLE)?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// Runs one statement: rows as JSON arrays, or the number of rows it changed.
    pub(crate) fn run(&self, sql: &str) -> rusqlite::Result<String> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.prepare(sql)?;
        if statement.column_count() == 0 {
            let changed = statement.execute([])?;
            return Ok(format!("{changed} rows changed"));
        }
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| values(row, columns))?;
        let rows: Vec<Value> = rows.take(ROWS_MAX).collect::<Result<_, _>>()?;
        Ok(Value::Array(rows).to_string())
    }
}

fn values(row: &Row<'_>, columns: usize) -> rusqlite::Result<Value> {
    let value = |index| {
        Ok(match row.get_ref(index)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => json!(number),
            ValueRef::Real(number) => json!(number),
            ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
            ValueRef::Blob(bytes) => json!(format!("{} bytes", bytes.len())),
        })
    };
    (0..columns).map(value).collect()
}
